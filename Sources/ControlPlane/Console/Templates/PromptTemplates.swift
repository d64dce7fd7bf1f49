extension Templates {
    static let prompts = #"""
        <div class="head"><div><h1>Prompts</h1><p class="lead">Named templates; versions never change, labels say which one is used.</p></div></div>
        {{^rows}}<section class="card empty"><h2>No prompt yet</h2>
        <p>Write the first version into a file and add it:</p>
        <pre><code>martlet prompts add greeting -f v1.yaml     # messages: [{role: system, content: "Greet {{=<% %>=}}{{who}}<%={{ }}=%>."}]</code></pre></section>{{/rows}}
        {{#rows}}{{#first()}}<section class="card"><div class="scroll" role="region" tabindex="0" aria-label="Prompts"><table class="table">
        <caption class="visually-hidden">Prompts</caption>
        <thead><tr><th scope="col">Prompt</th><th scope="col">Labels</th><th scope="col" class="number">Versions</th><th scope="col">Last change</th><th scope="col">Which is</th></tr></thead><tbody>{{/first()}}
        <tr><th scope="row"><a href="{{link}}">{{name}}</a></th>
        <td>{{#labels}}<span class="label"><b>{{name}}</b> {{target}}</span>{{/labels}}{{^labels}}<span class="none">none</span>{{/labels}}</td>
        <td class="number">{{versions}}</td><td>{{author}}, {{#created}}{{> time}}{{/created}}</td>
        <td>{{#status}}{{> mood}}{{/status}}{{#proposal}} <a href="{{.}}">decide</a>{{/proposal}}</td></tr>
        {{#last()}}</tbody></table></div>{{> paging}}</section>{{/last()}}{{/rows}}

        """#

    static let prompt = #"""
        <div class="head"><div><p class="crumb"><a href="/console/prompts">Prompts</a></p><h1>{{name}}</h1>
        <p class="lead">Last change: {{#status}}{{> mood}}{{/status}}{{#proposal}} <a href="{{.}}">It waits for a decision</a>{{/proposal}}</p></div></div>
        <div class="columns columns-wide">
        <section class="card" aria-labelledby="labels"><h2 id="labels">Labels in force</h2>
        {{^labels}}<p class="hint">No label yet: applications can ask for a version by its number only.</p>{{/labels}}
        {{#labels}}{{#first()}}<table class="table"><caption class="visually-hidden">Labels and what they stand for</caption>
        <thead><tr><th scope="col">Label</th><th scope="col">Stands for</th>{{#canRollBack}}<th scope="col"><span class="visually-hidden">Action</span></th>{{/canRollBack}}</tr></thead><tbody>{{/first()}}
        <tr><th scope="row">{{name}}{{#isProtected}} <span class="hint">protected</span>{{/isProtected}}</th><td>{{target}}</td>
        {{#canRollBack}}<td class="number"><form method="post" action="{{link}}/rollback">{{> guard}}
        <input type="hidden" name="revision" value="{{revision}}"><input type="hidden" name="label" value="{{name}}">
        <button class="btn btn-sm btn-quiet" type="submit">Roll back<span class="visually-hidden"> {{name}}</span></button></form></td>{{/canRollBack}}</tr>
        {{#last()}}</tbody></table>{{/last()}}{{/labels}}
        {{#protected}}<p class="hint">A move of {{.}} is proposed first, and somebody else approves it.</p>{{/protected}}
        </section>
        {{#canMove}}{{#forms}}<section class="card" aria-labelledby="move"><h2 id="move">Move a label</h2>
        {{> refusal}}
        <form method="post" action="{{link}}/label">{{> guard}}<input type="hidden" name="revision" value="{{revision}}">
        <div class="pair"><div class="field"><label class="form-label" for="label">Label</label>
        <input class="form-control" id="label" name="label" required value="{{label}}"{{#refusal}} aria-describedby="refusal"{{/refusal}}></div>
        <div class="field"><label class="form-label" for="version">Version</label>
        <select class="form-select" id="version" name="version">{{#choices}}<option{{#isChosen}} selected{{/isChosen}}>{{number}}</option>{{/choices}}</select></div></div>
        <button class="btn btn-primary" type="submit">Move</button>
        </form></section>{{/forms}}{{/canMove}}
        </div>
        {{#difference}}<section class="card" aria-labelledby="difference"><div class="card-head"><h2 id="difference">From version {{from}} to {{to}}</h2>{{> ways}}</div>
        <form class="inline" method="get" action="{{link}}">
        <label for="from">From</label> <select class="form-select" id="from" name="from">{{#fromChoices}}<option{{#isChosen}} selected{{/isChosen}}>{{number}}</option>{{/fromChoices}}</select>
        <label for="to">to</label> <select class="form-select" id="to" name="to">{{#toChoices}}<option{{#isChosen}} selected{{/isChosen}}>{{number}}</option>{{/toChoices}}</select>
        <input type="hidden" name="view" value="{{view}}"><button class="btn btn-sm btn-quiet" type="submit">Compare</button></form>
        {{> lines}}
        {{#fields}}{{^isNothing}}<h3>Other fields</h3>{{> fields}}{{/isNothing}}{{/fields}}
        </section>{{/difference}}
        <section class="card" aria-labelledby="versions"><h2 id="versions">Versions</h2>
        {{#versions}}<details class="version"{{#isNewest}} open{{/isNewest}}><summary><b>Version {{number}}</b>
        {{#labels}}<span class="label"><b>{{.}}</b></span> {{/labels}}<span class="hint">{{author}}, {{#created}}{{> time}}{{/created}}</span></summary>
        {{#notes}}<p class="notes">{{.}}</p>{{/notes}}
        {{#messages}}<h3 class="role">{{role}}</h3>
        <pre class="text">{{content}}</pre>{{/messages}}
        {{#rest}}<h3 class="role">Besides</h3>
        <pre class="text">{{.}}</pre>{{/rest}}
        {{#compare}}<p><a href="{{.}}">Compare with version {{before}}</a></p>{{/compare}}
        </details>{{/versions}}
        {{> paging}}</section>

        """#
}
