extension Templates {
    static let usage = #"""
        <div class="head"><div><h1>Usage</h1><p class="lead">{{range}}</p></div>
        <p class="head-actions"><a class="btn btn-sm btn-quiet" href="{{csv}}" download>CSV, totals</a>
        <a class="btn btn-sm btn-quiet" href="{{csvSteps}}" download>CSV, every {{step}}</a></p></div>
        {{#choices}}<form class="card filters" method="get" action="/console/usage"><input type="hidden" name="by" value="">
        <div class="field"><label class="form-label" for="range">Time</label>
        <select class="form-select" id="range" name="range">{{#ranges}}<option value="{{value}}"{{#isChosen}} selected{{/isChosen}}>{{title}}</option>{{/ranges}}</select></div>
        <div class="field"><label class="form-label" for="from">From, UTC</label>
        <input class="form-control" id="from" name="from" type="datetime-local" value="{{from}}" aria-describedby="range-hint"></div>
        <div class="field"><label class="form-label" for="to">To, UTC</label>
        <input class="form-control" id="to" name="to" type="datetime-local" value="{{to}}" aria-describedby="range-hint"></div>
        <div class="field"><label class="form-label" for="measure">Chart and order by</label>
        <select class="form-select" id="measure" name="measure">{{#measures}}<option value="{{value}}"{{#isChosen}} selected{{/isChosen}}>{{title}}</option>{{/measures}}</select></div>
        <fieldset class="field field-wide"><legend class="form-label">By <span class="hint">up to three</span></legend>
        <div class="checks">{{#by}}<span class="check"><input class="form-check-input" type="checkbox" id="by-{{value}}" name="by" value="{{value}}"{{#isChosen}} checked{{/isChosen}}><label for="by-{{value}}">{{title}}</label></span>{{/by}}</div></fieldset>
        <div class="field field-wide field-end"><button class="btn btn-primary" type="submit">Show</button>
        <span class="hint" id="range-hint">From and to count for “Between two times”.</span></div>
        </form>{{/choices}}
        {{^rows}}<section class="card empty"><h2>Nothing was used in this time</h2>
        <p>Choose a longer time, or send a request through a node; usage arrives within seconds. On the command line:</p>
        <pre><code>martlet usage --by team,model</code></pre></section>{{/rows}}
        {{#isCrowded}}<p class="notice">There are too many groups for a chart of this time: take a shorter time, or fewer words after “by”.</p>{{/isCrowded}}
        {{#chart}}<section class="card chart-card" aria-label="Chart">{{> chart}}</section>{{/chart}}
        {{#rows}}{{#first()}}<section class="card" aria-labelledby="groups"><h2 id="groups">By group</h2>
        <div class="scroll" role="region" tabindex="0" aria-label="Usage by group"><table class="table">
        <caption class="visually-hidden">Usage, {{range}}, ordered by {{measure}}</caption>
        <thead><tr>{{^columns}}<th scope="col">All</th>{{/columns}}{{#columns}}<th scope="col" class="word">{{.}}</th>{{/columns}}
        {{#orders}}<th scope="col" class="number"{{#isCurrent}} aria-sort="descending"{{/isCurrent}}>{{#link}}<a href="{{.}}">{{title}}</a>{{/link}}{{^link}}{{title}}{{/link}}</th>{{/orders}}</tr></thead>
        <tbody>{{/first()}}
        <tr><th scope="row">{{name}}</th>{{#others}}<td>{{.}}</td>{{/others}}{{> figures}}</tr>
        {{#last()}}</tbody>
        <tfoot>{{#total}}<tr><th scope="row" colspan="{{span}}">Total</th>{{> figures}}</tr>{{/total}}</tfoot>
        </table></div>
        {{#left}}<p class="hint">{{.}} more groups are in the CSV file.</p>{{/left}}
        </section>{{/last()}}{{/rows}}

        """#
}
