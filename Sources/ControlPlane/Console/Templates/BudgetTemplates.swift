extension Templates {
    static let budgets = #"""
        <div class="head"><div><h1>Budgets</h1><p class="lead">Sums of money for a time, and whose calls each is charged with.</p></div>
        <nav class="tabs" aria-label="Kind">{{#tabs}}<a href="{{link}}"{{#isCurrent}} aria-current="true"{{/isCurrent}}>{{title}}</a>{{/tabs}}</nav></div>
        {{^rows}}<section class="card empty"><h2>No budget yet</h2><p>Without one, whoever has a key spends what models cost. Give a team so much a month:</p>
        <pre><code>martlet budgets set NAME --team TEAM --amount 25.00 --window month</code></pre></section>{{/rows}}
        {{#rows}}{{#first()}}<section class="card"><div class="scroll" role="region" tabindex="0" aria-label="Budgets"><table class="table">
        <caption class="visually-hidden">Budgets, by name</caption>
        <thead><tr><th scope="col">Budget</th><th scope="col">About</th><th scope="col">Amount</th><th scope="col">Window</th><th scope="col">When it is spent</th><th scope="col">Told at</th><th scope="col">State</th></tr></thead><tbody>{{/first()}}
        <tr><th scope="row" class="nowrap">{{name}}</th><td class="long">{{#about}}{{.}}{{^last()}}, {{/last()}}{{/about}}</td><td class="nowrap">{{amount}}{{#per}} for each {{.}}{{/per}}</td><td>{{window}}</td>
        <td>{{#isHard}}calls are refused{{#cutsOff}}, streams are cut off{{/cutsOff}}{{/isHard}}{{^isHard}}calls go on{{/isHard}}</td>
        <td>{{told}}{{^told}}<span class="none">nobody is told</span>{{/told}}</td>
        <td>{{#status}}{{> mood}}{{/status}}{{#proposal}} <a href="{{.}}">waits for approval</a>{{/proposal}}</td></tr>
        {{#last()}}</tbody></table></div>{{> paging}}</section>{{/last()}}{{/rows}}

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
