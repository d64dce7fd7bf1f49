extension Templates {
    static let budgets = #"""
        <div class="head"><div><h1>Budgets</h1><p class="lead">Sums of money for a time, and whose calls each is charged with.</p></div>
        <nav class="tabs" aria-label="Kind">{{#tabs}}<a href="{{link}}"{{#isCurrent}} aria-current="true"{{/isCurrent}}>{{title}}</a>{{/tabs}}</nav></div>
        {{^rows}}<section class="card empty"><h2>No budget yet</h2><p>Without one, whoever has a key spends what models cost. Give a team so much a month:</p>
        <pre><code>martlet budgets set NAME --team TEAM --amount 25.00 --window month</code></pre></section>{{/rows}}
        {{#rows}}{{#first()}}<section class="card"><div class="scroll" role="region" tabindex="0" aria-label="Budgets"><table class="table">
        <caption class="visually-hidden">Budgets, by name, and how they stand in the window that is now</caption>
        <thead><tr><th scope="col">Budget</th><th scope="col">About</th><th scope="col">Amount</th><th scope="col">Window</th><th scope="col" class="number">Posted</th><th scope="col" class="number">Pending</th><th scope="col" class="number">Left</th><th scope="col">State</th></tr></thead><tbody>{{/first()}}
        <tr><th scope="row" class="nowrap"><a href="{{link}}">{{name}}</a></th><td class="long">{{#about}}{{.}}{{^last()}}, {{/last()}}{{/about}}</td><td class="nowrap">{{amount}}{{#per}} for each {{.}}{{/per}}</td><td>{{rhythm}}</td>
        <td class="number">{{posted}}{{^posted}}–{{/posted}}</td><td class="number">{{pending}}{{^pending}}–{{/pending}}</td><td class="number{{#isSpent}} is-bad{{/isSpent}}">{{left}}{{^left}}–{{/left}}</td>
        <td>{{#status}}{{> mood}}{{/status}}{{#proposal}} <a href="{{.}}">waits for approval</a>{{/proposal}}</td></tr>
        {{#last()}}</tbody></table></div>{{> paging}}</section>{{/last()}}{{/rows}}

        """#

    static let budget = #"""
        <div class="head"><div><p class="crumb"><a href="/console/budgets">Budgets</a></p><h1>{{name}}</h1>
        <p class="lead">{{amount}}{{#per}} for each {{.}}{{/per}}; {{rhythm}}{{#window}}; now <b>{{name}}</b>{{/window}}</p></div></div>
        {{^numbers}}<p class="notice">It is not in force: nothing is charged to it.</p>{{/numbers}}
        {{#numbers}}<dl class="tiles">
        <div class="tile"><dt>Posted</dt><dd>{{posted}}</dd><dd class="tile-note">what usage has cost{{#isUnconfirmed}}; {{unconfirmed}} of it unconfirmed{{/isUnconfirmed}}</dd></div>
        <div class="tile"><dt>Pending</dt><dd>{{pending}}</dd><dd class="tile-note">nodes hold it and may spend it</dd></div>
        <div class="tile"><dt>Left</dt><dd>{{available}}</dd><dd class="tile-note">of {{limit}}{{#units}}, {{.}} with an account{{/units}}</dd></div>
        <div class="tile"><dt>Overspent</dt><dd{{#isOverspent}} class="is-bad"{{/isOverspent}}>{{overspent}}</dd><dd class="tile-note">posted beyond the limit</dd></div>
        </dl>{{/numbers}}
        {{#burnDown}}<section class="card" aria-labelledby="left"><h2 id="left">What is left, {{title}}</h2>
        <div class="charts">{{#chart}}{{> chart}}{{/chart}}</div>
        <details open><summary>The numbers</summary><p class="hint">By usage that has arrived, at the end of each step. What was assumed spent is not in it.</p>
        <div class="scroll" role="region" tabindex="0" aria-label="What was left when"><table class="table">
        <caption class="visually-hidden">What was left at the end of each step</caption>
        <thead><tr><th scope="col">By</th><th scope="col" class="number">Left</th><th scope="col" class="number">If spent evenly</th></tr></thead>
        <tbody>{{#points}}<tr><th scope="row">{{#time}}{{> time}}{{/time}}</th><td class="number">{{left}}</td><td class="number">{{even}}{{^even}}–{{/even}}</td></tr>{{/points}}</tbody></table></div>
        </details></section>{{/burnDown}}
        <section class="card" aria-labelledby="nodes"><h2 id="nodes">Lent to nodes</h2>
        {{^nodes}}<p class="hint">No node holds any of it now.</p>{{/nodes}}
        {{#nodes}}{{#first()}}<div class="scroll" role="region" tabindex="0" aria-label="Leases by node"><table class="table">
        <caption class="visually-hidden">Open leases in the window that is now, by node</caption>
        <thead><tr><th scope="col">Node</th><th scope="col" class="number">Granted</th><th scope="col" class="number">Returned</th><th scope="col" class="number">Used</th><th scope="col" class="number">Posted</th><th scope="col" class="number">Pending</th></tr></thead><tbody>{{/first()}}
        <tr><th scope="row">{{#link}}<a href="{{.}}">{{node}}</a>{{/link}}{{^link}}{{node}}{{/link}}</th><td class="number">{{granted}}</td><td class="number">{{returned}}</td><td class="number">{{used}}</td><td class="number">{{posted}}</td><td class="number">{{pending}}</td></tr>
        {{#last()}}</tbody></table></div>{{/last()}}{{/nodes}}</section>
        {{#accounts}}{{#first()}}<section class="card" aria-labelledby="accounts"><h2 id="accounts">{{accountTitle}}</h2><div class="scroll" role="region" tabindex="0" aria-label="Accounts"><table class="table">
        <caption class="visually-hidden">Accounts of this budget</caption>
        <thead><tr><th scope="col">{{accountKind}}</th><th scope="col" class="number">Limit</th><th scope="col" class="number">Posted</th><th scope="col" class="number">Pending</th><th scope="col" class="number">Unconfirmed</th><th scope="col" class="number">Overspent</th><th scope="col" class="number">Left</th></tr></thead><tbody>{{/first()}}
        <tr><th scope="row"><a href="{{link}}">{{title}}</a></th><td class="number">{{limit}}</td><td class="number">{{posted}}</td><td class="number">{{pending}}</td><td class="number">{{unconfirmed}}</td><td class="number{{#isOverspent}} is-bad{{/isOverspent}}">{{overspent}}</td><td class="number">{{available}}</td></tr>
        {{#last()}}</tbody></table></div>{{> paging}}</section>{{/last()}}{{/accounts}}
        <section class="card" aria-labelledby="facts"><h2 id="facts">The budget</h2><dl class="facts">
        <dt>About</dt><dd>{{#about}}{{.}}{{^last()}}, {{/last()}}{{/about}}</dd>
        <dt>When it is spent</dt><dd>{{#isHard}}calls are refused{{#cutsOff}}, streams are cut off{{/cutsOff}}{{/isHard}}{{^isHard}}calls go on{{/isHard}}</dd>
        <dt>Told at</dt><dd>{{told}}{{^told}}nobody is told{{/told}}</dd>
        {{#window}}<dt>Began</dt><dd>{{#start}}{{> time}}{{/start}}</dd><dt>Ends</dt><dd>{{#end}}{{> time}}{{/end}}{{^end}}never{{/end}}</dd>{{/window}}
        <dt>State</dt><dd>{{#status}}{{> mood}}{{/status}}{{#proposal}} <a href="{{.}}">waits for approval</a>{{/proposal}}</dd></dl></section>

        """#

    static let limits = #"""
        <div class="head"><div><h1>Limits</h1><p class="lead">How much may pass in a minute and at once, over all nodes.</p></div>
        <nav class="tabs" aria-label="Kind">{{#tabs}}<a href="{{link}}"{{#isCurrent}} aria-current="true"{{/isCurrent}}>{{title}}</a>{{/tabs}}</nav></div>
        {{^rows}}<section class="card empty"><h2>No limit yet</h2><p>Keep one team’s rush from taking the providers’ own limits away from the others:</p>
        <pre><code>martlet limits set NAME --team TEAM --requests-per-minute 600</code></pre></section>{{/rows}}
        {{#rows}}{{#first()}}<section class="card"><div class="scroll" role="region" tabindex="0" aria-label="Limits"><table class="table">
        <caption class="visually-hidden">Limits, by name</caption>
        <thead><tr><th scope="col">Limit</th><th scope="col">About</th><th scope="col">For each</th><th scope="col" class="number">Requests a minute</th><th scope="col" class="number">Tokens a minute</th><th scope="col" class="number">At once</th><th scope="col">State</th></tr></thead><tbody>{{/first()}}
        <tr><th scope="row" class="nowrap">{{name}}</th><td class="long">{{#about}}{{.}}{{^last()}}, {{/last()}}{{/about}}</td><td>{{per}}{{^per}}<span class="none">all together</span>{{/per}}</td>
        <td class="number">{{requests}}{{^requests}}<span class="none">any</span>{{/requests}}</td><td class="number">{{tokens}}{{^tokens}}<span class="none">any</span>{{/tokens}}</td><td class="number">{{concurrent}}{{^concurrent}}<span class="none">any</span>{{/concurrent}}</td>
        <td>{{#status}}{{> mood}}{{/status}}{{#proposal}} <a href="{{.}}">waits for approval</a>{{/proposal}}</td></tr>
        {{#last()}}</tbody></table></div>{{> paging}}</section>{{/last()}}{{/rows}}

        """#
}
