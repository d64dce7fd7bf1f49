extension Templates {
    static let models = #"""
        <div class="head"><div><h1>Models</h1><p class="lead">A model serves traffic when it has a price and somebody else’s approval. Prices are in USD per million tokens.</p></div></div>
        {{^rows}}<section class="card empty"><h2>No model yet</h2>
        <p>Write a provider and its models into a bundle, and apply it:</p>
        <pre><code>martlet apply -f bundle.yaml</code></pre></section>{{/rows}}
        {{#rows}}{{#first()}}<section class="card"><div class="scroll" role="region" tabindex="0" aria-label="Models"><table class="table">
        <caption class="visually-hidden">Models and prices in USD per million tokens</caption>
        <thead><tr><th scope="col">Model</th><th scope="col">State</th><th scope="col" class="number">Input</th><th scope="col" class="number">Cached input</th><th scope="col" class="number">Output</th><th scope="col" class="number">Context</th><th scope="col" class="number">Output at most</th><th scope="col">Can</th></tr></thead><tbody>{{/first()}}
        <tr><th scope="row"><a href="{{link}}">{{name}}</a></th>
        <td>{{#status}}{{> mood}}{{/status}}{{#proposal}} <a href="{{.}}">decide</a>{{/proposal}}{{#differs}} <span class="hint">an earlier one serves</span>{{/differs}}</td>
        <td class="number">{{input}}{{^input}}<span class="none">none</span>{{/input}}</td><td class="number">{{cachedInput}}{{^cachedInput}}–{{/cachedInput}}</td><td class="number">{{output}}{{^output}}<span class="none">none</span>{{/output}}</td>
        <td class="number">{{context}}</td><td class="number">{{maxOutput}}</td><td class="nowrap">{{capabilities}}</td></tr>
        {{#last()}}</tbody></table></div>{{> paging}}</section>{{/last()}}{{/rows}}

        """#

    static let model = #"""
        <div class="head"><div><p class="crumb"><a href="/console/models">Models</a></p><h1>{{name}}</h1>
        <p class="lead">{{#status}}{{> mood}}{{/status}}{{#proposal}} <a href="{{.}}">A change waits for a decision</a>{{/proposal}}{{#differs}} An earlier revision serves traffic.{{/differs}}{{^isServed}} It serves no traffic.{{/isServed}}</p></div></div>
        <div class="columns columns-wide">
        <section class="card" aria-labelledby="facts"><h2 id="facts">As it was written last</h2>
        <dl class="facts">
        <dt>Provider’s name</dt><dd><code>{{upstream}}</code></dd>
        <dt>Input</dt><dd>{{input}}{{^input}}<span class="none">no price: it cannot be served</span>{{/input}}</dd>
        {{#cachedInput}}<dt>Cached input</dt><dd>{{.}}</dd>{{/cachedInput}}
        <dt>Output</dt><dd>{{output}}{{^output}}<span class="none">no price</span>{{/output}}</dd>
        {{#otherRates}}<dt>{{title}}</dt><dd>{{text}}</dd>{{/otherRates}}
        {{#from}}<dt>Price from</dt><dd>{{> time}}</dd>{{/from}}
        <dt>Context</dt><dd>{{context}} tokens</dd><dt>Output at most</dt><dd>{{maxOutput}} tokens</dd>
        <dt>Can</dt><dd>{{capabilities}}</dd><dt>Revision</dt><dd>{{revision}} by {{author}}, {{#created}}{{> time}}{{/created}}</dd>
        </dl></section>
        {{#verbs}}{{#first()}}<section class="card" aria-labelledby="act"><h2 id="act">What you can do</h2>
        {{> refusal}}
        <form method="post">{{> guard}}<input type="hidden" name="revision" value="{{revision}}">
        {{> reasonField}}
        <ul class="verbs">{{/first()}}
        <li><button class="btn {{#isGrave}}btn-danger{{/isGrave}}{{^isGrave}}btn-quiet{{/isGrave}}" type="submit" formaction="{{action}}">{{title}}</button> <span class="hint">{{explanation}}</span></li>
        {{#last()}}</ul></form></section>{{/last()}}{{/verbs}}
        {{^verbs}}{{> refusal}}{{/verbs}}
        </div>
        <section class="card" aria-labelledby="history"><h2 id="history">Revisions</h2><div class="scroll" role="region" tabindex="0" aria-label="Revisions"><table class="table">
        <caption class="visually-hidden">Revisions, newest first, with prices in USD per million tokens</caption>
        <thead><tr><th scope="col">Revision</th><th scope="col">State</th><th scope="col" class="number">Input</th><th scope="col" class="number">Cached input</th><th scope="col" class="number">Output</th><th scope="col">By</th><th scope="col">When</th></tr></thead>
        <tbody>{{#revisions}}<tr><th scope="row" class="count-first">{{number}}</th><td>{{#status}}{{> mood}}{{/status}}</td><td class="number">{{input}}{{^input}}–{{/input}}</td><td class="number">{{cachedInput}}{{^cachedInput}}–{{/cachedInput}}</td><td class="number">{{output}}{{^output}}–{{/output}}</td><td>{{author}}</td><td>{{#created}}{{> time}}{{/created}}</td></tr>{{/revisions}}</tbody></table></div>{{> paging}}</section>

        """#
}
