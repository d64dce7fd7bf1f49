extension Templates {
    static let keys = #"""
        <div class="head"><div><h1>Keys</h1><p class="lead">API keys of applications. A key’s text is shown once, when it is made, on the command line.</p></div></div>
        {{^rows}}<section class="card empty"><h2>No key yet</h2><p>Make one for a team, with the roles that say which routes it may use:</p>
        <pre><code>martlet keys create --team TEAM --role ROLE</code></pre></section>{{/rows}}
        {{#rows}}{{#first()}}<section class="card"><div class="scroll" role="region" tabindex="0" aria-label="Keys"><table class="table">
        <caption class="visually-hidden">API keys</caption>
        <thead><tr><th scope="col">Key</th><th scope="col">For</th><th scope="col">Team</th><th scope="col">Roles</th><th scope="col">Made</th><th scope="col">Ends</th><th scope="col">State</th></tr></thead><tbody>{{/first()}}
        <tr><th scope="row"><a href="{{link}}"><code>{{id}}</code></a></th><td>{{description}}{{^description}}<span class="none">not said</span>{{/description}}</td><td>{{team}}</td><td>{{roles}}</td>
        <td>{{#created}}{{> time}}{{/created}}</td><td>{{#expires}}{{> time}}{{/expires}}{{^expires}}<span class="none">never</span>{{/expires}}</td><td>{{#status}}{{> mood}}{{/status}}</td></tr>
        {{#last()}}</tbody></table></div>{{> paging}}</section>{{/last()}}{{/rows}}

        """#

    static let key = #"""
        <div class="head"><div><p class="crumb"><a href="/console/keys">Keys</a></p><h1><code>{{id}}</code></h1>
        <p class="lead">{{#status}}{{> mood}}{{/status}} {{description}}</p></div></div>
        <div class="columns columns-wide">
        <section class="card" aria-labelledby="facts"><h2 id="facts">The key</h2><dl class="facts">
        <dt>Team</dt><dd>{{team}}</dd><dt>Roles</dt><dd>{{roles}}</dd><dt>Last change</dt><dd>{{author}}, {{#created}}{{> time}}{{/created}}</dd>
        <dt>Ends</dt><dd>{{#expires}}{{> time}}{{/expires}}{{^expires}}never{{/expires}}</dd></dl>
        {{#texts}}{{#first()}}<h3>Texts that work</h3><table class="table"><caption class="visually-hidden">Texts of this key</caption>
        <thead><tr><th scope="col">Made</th><th scope="col">Ends</th></tr></thead><tbody>{{/first()}}
        <tr><td>{{#created}}{{> time}}{{/created}}</td><td>{{#expires}}{{> time}}{{/expires}}{{^expires}}with the key{{/expires}}</td></tr>
        {{#last()}}</tbody></table>{{/last()}}{{/texts}}
        </section>
        {{#canRevoke}}<section class="card" aria-labelledby="revoke"><h2 id="revoke">Revoke</h2>
        <p>The key ends on every node at once, for good. What was asked with it goes on to its end.</p>
        {{> refusal}}
        <form method="post" action="{{action}}">{{> guard}}<input type="hidden" name="revision" value="{{revision}}">
        {{> reasonField}}
        <button class="btn btn-danger" type="submit">Revoke this key</button></form></section>{{/canRevoke}}
        {{^canRevoke}}{{> refusal}}{{/canRevoke}}
        </div>

        """#
}
