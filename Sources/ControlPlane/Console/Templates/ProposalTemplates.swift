extension Templates {
    static let proposals = #"""
        <div class="head"><div><h1>Proposals</h1><p class="lead">Changes that need somebody else’s approval.</p></div>
        <nav class="tabs" aria-label="State">{{#tabs}}<a href="{{link}}"{{#isCurrent}} aria-current="true"{{/isCurrent}}>{{title}}</a>{{/tabs}}</nav></div>
        {{^rows}}<section class="card empty">{{#isOpen}}<h2>Nothing waits for approval</h2>
        <p>A change of a model, of a provider’s address or of a protected label of a prompt, and more money or a higher limit, is proposed when it is written:</p>
        <pre><code>martlet apply -f bundle.yaml</code></pre>{{/isOpen}}{{^isOpen}}<h2>None</h2><p>No proposal is in the state “{{state}}”.</p>{{/isOpen}}</section>{{/rows}}
        {{#rows}}{{#first()}}<section class="card"><div class="scroll" role="region" tabindex="0" aria-label="Proposals"><table class="table">
        <caption class="visually-hidden">Proposals, oldest first</caption>
        <thead><tr><th scope="col">What</th><th scope="col">Kind</th><th scope="col">By</th><th scope="col">Since</th><th scope="col">Approvals</th><th scope="col">State</th></tr></thead><tbody>{{/first()}}
        <tr><th scope="row"><a href="{{link}}">{{name}}</a></th><td>{{kind}}</td><td>{{author}}</td>
        <td>{{#created}}{{> time}}{{/created}}</td><td>{{approvals}}</td><td>{{#status}}{{> mood}}{{/status}}</td></tr>
        {{#last()}}</tbody></table></div>{{> paging}}</section>{{/last()}}{{/rows}}

        """#

    static let proposal = #"""
        <div class="head"><div><p class="crumb"><a href="/console/proposals">Proposals</a></p><h1>{{kind}} {{name}}</h1>
        <p class="lead">{{#status}}{{> mood}}{{/status}} by {{author}}, {{#created}}{{> time}}{{/created}}; {{approvals}} approvals{{#decided}}; decided {{> time}}{{/decided}}{{#subject}}; <a href="{{.}}">as it is now</a>{{/subject}}</p></div></div>
        <section class="card" aria-labelledby="difference"><div class="card-head"><h2 id="difference">What it changes</h2>{{> ways}}</div>
        {{#difference}}{{> fields}}{{#isNothing}}<pre class="text">{{content}}</pre>{{/isNothing}}{{/difference}}</section>
        {{#waitsForOthers}}<p class="notice">{{.}}</p>{{/waitsForOthers}}
        {{#hasForm}}<section class="card" aria-labelledby="decide"><h2 id="decide">{{#decides}}Decide{{/decides}}{{#withdraws}}Take it back{{/withdraws}}</h2>
        {{> refusal}}
        <form method="post" action="{{action}}">{{> guard}}
        {{> reasonField}}
        <p class="actions">{{#approves}}<button class="btn btn-primary" type="submit" formaction="{{action}}/approve">Approve</button>{{/approves}}
        {{#rejects}}<button class="btn btn-danger" type="submit" formaction="{{action}}/reject">Reject</button>{{/rejects}}
        {{#withdraws}}<button class="btn btn-danger" type="submit" formaction="{{action}}/withdraw">Withdraw</button>{{/withdraws}}</p>
        </form></section>{{/hasForm}}
        {{^hasForm}}{{> refusal}}{{/hasForm}}
        {{#votes}}{{#first()}}<section class="card" aria-labelledby="votes"><h2 id="votes">Votes</h2><div class="scroll" role="region" tabindex="0" aria-label="Votes"><table class="table">
        <caption class="visually-hidden">Votes</caption>
        <thead><tr><th scope="col">Who</th><th scope="col">Verdict</th><th scope="col">Reason</th><th scope="col">When</th></tr></thead><tbody>{{/first()}}
        <tr><th scope="row">{{principal}}</th><td>{{#state}}{{> mood}}{{/state}}</td><td>{{reason}}{{^reason}}<span class="none">none given</span>{{/reason}}</td><td>{{#time}}{{> time}}{{/time}}</td></tr>
        {{#last()}}</tbody></table></div></section>{{/last()}}{{/votes}}

        """#
}
