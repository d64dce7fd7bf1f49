extension Templates {
    static let overview = #"""
        <div class="head">
        <div><h1>Overview</h1><p class="lead">{{range}}</p></div>
        <nav class="tabs" aria-label="Time">
        {{#ranges}}<a href="{{link}}"{{#isCurrent}} aria-current="true"{{/isCurrent}}><span aria-hidden="true">{{short}}</span><span class="visually-hidden">{{title}}</span></a>{{/ranges}}
        </nav>
        </div>
        {{#fleet}}{{#publishError}}<div class="notice notice-bad" role="alert"><p><strong>Publishing fails.</strong> {{.}}
        Nodes keep the snapshot that they have.</p></div>{{/publishError}}
        {{#refusing}}<div class="notice notice-bad"><p><strong>{{name}} refuses the newest snapshot.</strong> {{refusal}}</p></div>{{/refusing}}{{/fleet}}
        <dl class="tiles">
        {{#total}}<div class="tile"><dt>Traffic</dt><dd>{{exchanges}}</dd><dd class="tile-note">exchanges, {{rate}}</dd></div>
        <div class="tile"><dt>Cost</dt><dd><data value="{{costExact}}">{{cost}}</data></dd><dd class="tile-note">USD, as prices in force say</dd></div>
        <div class="tile"><dt>Errors</dt><dd{{#hasFailed}} class="is-bad"{{/hasFailed}}>{{failedShare}}</dd><dd class="tile-note">{{failed}} of {{attempts}} attempts failed; {{denied}} denied</dd></div>
        <div class="tile"><dt>Latency <abbr title="95th percentile">p95</abbr></dt><dd>{{p95}}{{^p95}}–{{/p95}}</dd><dd class="tile-note">{{#firstP95}}first token {{.}}{{/firstP95}}{{^firstP95}}nothing measured{{/firstP95}}</dd></div>{{/total}}
        {{#fleet}}<div class="tile"><dt>Fleet</dt><dd>{{live}} live</dd><dd class="tile-note">{{#hasSilent}}<strong class="is-bad">{{silent}} silent</strong>, {{/hasSilent}}{{#hasBehind}}<a href="/console/nodes">{{behind}} behind</a>{{/hasBehind}}{{#isCurrent}}all current{{/isCurrent}}{{#snapshot}}; snapshot {{.}}{{/snapshot}}</dd></div>{{/fleet}}
        </dl>
        {{#fleet}}{{#isEmpty}}<section class="card empty"><h2>No node yet</h2>
        <p>Nodes serve the traffic. Mint a token and start the first one:</p>
        <pre><code>MARTLET_JOIN=$(martlet nodes token) martlet-node serve --control http://127.0.0.1:8401</code></pre></section>{{/isEmpty}}{{/fleet}}
        {{#isIdle}}<section class="card empty"><h2>No traffic in this time</h2>
        <p>Make a key, and send the first request through a node:</p>
        <pre><code>martlet keys create --team TEAM --role ROLE
        curl $MARTLET_NODE_URL/v1/chat/completions -H "authorization: Bearer $MARTLET_KEY" \
          -d '{"model": "ROUTE", "messages": [{"role": "user", "content": "Hello"}]}'</code></pre></section>{{/isIdle}}
        {{^isIdle}}<section class="card" aria-labelledby="over-time"><h2 id="over-time">Over time</h2>
        <div class="charts">
        {{#charts}}{{> chart}}{{/charts}}
        </div>
        <details open><summary>The numbers</summary>
        <div class="scroll" role="region" tabindex="0" aria-label="Usage over time"><table class="table">
        <caption class="visually-hidden">Usage over time; steps in which nothing was are left out</caption>
        <thead><tr><th scope="col">From</th><th scope="col" class="number">Exchanges</th><th scope="col" class="number">Attempts</th><th scope="col" class="number">Failed</th><th scope="col" class="number">Denied</th><th scope="col" class="number">Input tokens</th><th scope="col" class="number">Output tokens</th><th scope="col" class="number">Cost</th><th scope="col" class="number">p50</th><th scope="col" class="number">p95</th></tr></thead>
        <tbody>{{#steps}}<tr><th scope="row">{{#time}}{{> time}}{{/time}}</th>{{> figures}}</tr>{{/steps}}</tbody></table></div>
        </details></section>{{/isIdle}}
        <div class="columns">
        {{^isIdle}}<section class="card" aria-labelledby="top-models"><h2 id="top-models">Models</h2>
        <div class="scroll" role="region" tabindex="0" aria-label="Models by cost"><table class="table"><caption class="visually-hidden">Models by cost</caption>
        <thead><tr><th scope="col">Model</th><th scope="col" class="number">Failed</th><th scope="col" class="number">Cost</th></tr></thead>
        <tbody>{{#models}}<tr><th scope="row">{{name}}</th><td class="number{{#hasFailed}} is-bad{{/hasFailed}}">{{failedShare}}</td><td class="number"><data value="{{costExact}}">{{cost}}</data></td></tr>{{/models}}</tbody></table></div>
        </section>
        <section class="card" aria-labelledby="top-teams"><h2 id="top-teams">Teams</h2>
        <div class="scroll" role="region" tabindex="0" aria-label="Teams by cost"><table class="table"><caption class="visually-hidden">Teams by cost</caption>
        <thead><tr><th scope="col">Team</th><th scope="col" class="number">Failed</th><th scope="col" class="number">Cost</th></tr></thead>
        <tbody>{{#teams}}<tr><th scope="row">{{name}}</th><td class="number{{#hasFailed}} is-bad{{/hasFailed}}">{{failedShare}}</td><td class="number"><data value="{{costExact}}">{{cost}}</data></td></tr>{{/teams}}</tbody></table></div>
        <p class="card-foot"><a href="{{usageLink}}">Explore usage</a></p>
        </section>{{/isIdle}}
        <section class="card" aria-labelledby="waiting"><h2 id="waiting">Waiting for a decision</h2>
        {{^proposals}}<p class="hint">Nothing waits for approval.</p>{{/proposals}}
        {{#proposals}}{{#first()}}<ul class="list">{{/first()}}
        <li><a href="{{link}}">{{kind}} {{name}}</a><span class="hint">by {{author}}, {{#created}}{{> time}}{{/created}}</span></li>
        {{#last()}}</ul><p class="card-foot"><a href="/console/proposals">All proposals</a></p>{{/last()}}{{/proposals}}
        </section>
        </div>

        """#
}
