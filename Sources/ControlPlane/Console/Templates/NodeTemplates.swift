extension Templates {
    static let nodes = #"""
        <div class="head"><div><h1>Nodes</h1><p class="lead">{{live}} live, {{silent}} silent{{#snapshot}}; the newest snapshot is <b>{{.}}</b>{{/snapshot}}.</p></div></div>
        {{#publishError}}<div class="notice notice-bad" role="alert"><p><strong>Publishing fails.</strong> {{.}}</p></div>{{/publishError}}
        {{^rows}}<section class="card empty"><h2>No node yet</h2><p>Mint a token, and start the first one:</p>
        <pre><code>MARTLET_JOIN=$(martlet nodes token) martlet-node serve --control http://127.0.0.1:8401</code></pre></section>{{/rows}}
        {{#rows}}{{#first()}}<section class="card"><div class="scroll" role="region" tabindex="0" aria-label="Nodes"><table class="table">
        <caption class="visually-hidden">Nodes and the snapshot that each enforces</caption>
        <thead><tr><th scope="col">Node</th><th scope="col">State</th><th scope="col">Seen</th><th scope="col" class="number">Snapshot</th><th scope="col">Drift</th><th scope="col" class="number">Unsent usage</th><th scope="col">Pool</th><th scope="col">Build</th></tr></thead><tbody>{{/first()}}
        <tr><th scope="row"><a href="{{link}}">{{name}}</a></th><td>{{#status}}{{> mood}}{{/status}}</td>
        <td>{{#seen}}{{> time}}{{/seen}}{{^seen}}<span class="none">never</span>{{/seen}}</td>
        <td class="number">{{snapshot}}{{^snapshot}}–{{/snapshot}}</td>
        <td>{{#drift}}{{> mood}}{{/drift}}{{#refuses}}<div class="is-bad">{{.}}</div>{{/refuses}}{{#warnings}}<div class="hint">{{.}}</div>{{/warnings}}</td>
        <td class="number">{{spooled}}{{^spooled}}–{{/spooled}}</td><td>{{pool}}</td><td>{{build}}{{^build}}–{{/build}}</td></tr>
        {{#last()}}</tbody></table></div>{{> paging}}</section>{{/last()}}{{/rows}}
        {{#snapshots}}{{#first()}}<section class="card" aria-labelledby="snapshots"><h2 id="snapshots">Newest snapshots</h2><div class="scroll" role="region" tabindex="0" aria-label="Snapshots"><table class="table">
        <caption class="visually-hidden">The newest snapshots</caption>
        <thead><tr><th scope="col">Snapshot</th><th scope="col">Published</th><th scope="col">By</th><th scope="col">Why</th><th scope="col">Digest</th></tr></thead><tbody>{{/first()}}
        <tr><th scope="row" class="count-first">{{number}}</th><td>{{#published}}{{> time}}{{/published}}{{#isCurrent}} <span class="label"><b>current</b></span>{{/isCurrent}}</td><td>{{author}}</td><td>{{comment}}</td><td><code>{{digest}}</code></td></tr>
        {{#last()}}</tbody></table></div></section>{{/last()}}{{/snapshots}}

        """#

    static let node = #"""
        <div class="head"><div><p class="crumb"><a href="/console/nodes">Nodes</a></p><h1>{{name}}</h1><p class="lead">{{#status}}{{> mood}}{{/status}} {{#drift}}{{> mood}}{{/drift}}</p></div></div>
        <div class="columns columns-wide">
        <section class="card" aria-labelledby="facts"><h2 id="facts">The node</h2><dl class="facts">
        <dt>Id</dt><dd><code>{{id}}</code></dd><dt>Pool</dt><dd>{{pool}}</dd>
        <dt>Enforces</dt><dd>{{#snapshot}}snapshot {{.}}{{/snapshot}}{{^snapshot}}nothing yet{{/snapshot}}</dd><dt>Newest</dt><dd>{{#newest}}snapshot {{.}}{{/newest}}{{^newest}}none published{{/newest}}</dd>
        {{#refuses}}<dt>Refuses</dt><dd class="is-bad">{{.}}</dd>{{/refuses}}
        {{#warnings}}<dt>Warning</dt><dd>{{.}}</dd>{{/warnings}}
        <dt>Seen</dt><dd>{{#seen}}{{> time}}{{/seen}}{{^seen}}never{{/seen}}</dd><dt>Enrolled</dt><dd>{{#enrolled}}{{> time}}{{/enrolled}}</dd>
        <dt>Unsent usage</dt><dd>{{#spooled}}{{.}} records{{/spooled}}{{^spooled}}not said{{/spooled}}</dd><dt>Build</dt><dd>{{build}}{{^build}}not said{{/build}}</dd></dl></section>
        {{#canAct}}<section class="card" aria-labelledby="act"><h2 id="act">Take it out</h2>
        {{> refusal}}
        <form method="post">{{> guard}}
        {{> reasonField}}
        <ul class="verbs">{{#canDrain}}<li><button class="btn btn-quiet" type="submit" formaction="{{action}}/drain">Drain</button> <span class="hint">It finishes what it has and takes no more.</span></li>{{/canDrain}}
        {{#canBan}}<li><button class="btn btn-danger" type="submit" formaction="{{action}}/ban">Ban</button> <span class="hint">It is shut out for good, at once, and wipes its keys.</span></li>{{/canBan}}</ul></form></section>{{/canAct}}
        {{^canAct}}{{> refusal}}{{/canAct}}
        </div>

        """#
}
