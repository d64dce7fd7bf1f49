extension Templates {
    /// Pieces that several pages share.
    static let partials = [
        "guard":
            #"<input type="hidden" name="csrf" value="{{csrf}}"><input type="hidden" name="once" value="{{once}}">"#,
        "time": #"<time datetime="{{at}}">{{text}}</time>"#,
        "mood": #"<span class="mood mood-{{mood}}">{{word}}</span>"#,
        "refusal": Self.refusal, "paging": Self.paging, "lines": Self.lines, "fields": Self.fields,
        "ways": Self.ways, "reasonField": Self.reasonField, "chart": Self.chart, "figures": Self.figures,
    ]

    private static let reasonField = #"""
        <label class="form-label" for="reason">Reason</label>
        <textarea class="form-control" id="reason" name="reason" rows="3" maxlength="1000" aria-describedby="reason-hint{{#refusal}} refusal{{/refusal}}">{{reason}}</textarea>
        <p class="hint" id="reason-hint">It stands beside your name in the audit log.</p>
        """#

    private static let refusal = #"""
        {{#refusal}}<div class="notice notice-bad" role="alert" id="refusal">
        <p><strong>{{title}}.</strong> {{detail}}</p>
        {{#errors}}{{#first()}}<ul>{{/first()}}<li><code>{{pointer}}</code> {{detail}}</li>{{#last()}}</ul>{{/last()}}{{/errors}}
        </div>{{/refusal}}
        """#

    private static let paging = #"""
        {{#paging}}<nav class="paging" aria-label="Pages">
        {{#first}}<a class="btn btn-sm btn-quiet" href="{{.}}">First page</a>{{/first}}
        {{#next}}<a class="btn btn-sm btn-quiet" href="{{.}}" rel="next">Next page</a>{{/next}}
        </nav>{{/paging}}
        """#

    private static let ways = #"""
        <nav class="tabs" aria-label="How to show the difference">
        {{#ways}}<a href="{{link}}"{{#isCurrent}} aria-current="true"{{/isCurrent}}>{{title}}</a>{{/ways}}
        </nav>
        """#

    private static let pieces = #"""
        {{#pieces}}{{#isRemoved}}<del>{{text}}</del>{{/isRemoved}}{{#isAdded}}<ins>{{text}}</ins>{{/isAdded}}{{^isRemoved}}{{^isAdded}}{{text}}{{/isAdded}}{{/isRemoved}}{{/pieces}}
        """#

    /// A difference of lines. What is gone and what came is said by a mark, by words for who cannot see it, and by colour.
    private static let lines = #"""
        {{#lines}}{{#isSame}}<p class="hint">No line is different.</p>{{/isSame}}
        <div class="scroll" role="region" tabindex="0" aria-label="Difference">
        <table class="difference{{#isSide}} difference-side{{/isSide}}">
        <caption class="visually-hidden">Lines before and after</caption>
        <colgroup><col class="line-number"><col>{{#isSide}}<col class="line-number"><col>{{/isSide}}</colgroup>
        <thead class="visually-hidden"><tr>{{#isSide}}<th scope="col">Line before</th><th scope="col">Before</th><th scope="col">Line after</th><th scope="col">After</th>{{/isSide}}{{^isSide}}<th scope="col">Line</th><th scope="col">Text</th>{{/isSide}}</tr></thead>
        <tbody>
        {{#rows}}{{#fold}}<tr class="fold"><td colspan="4">{{.}}</td></tr>
        {{/fold}}{{^fold}}{{#isSide}}<tr>{{#left}}
        """# + Self.sideCell + "{{/left}}{{#right}}" + Self.sideCell + #"""
            {{/right}}</tr>
            {{/isSide}}{{^isSide}}<tr{{#mark}} class="line-{{.}}"{{/mark}}><td class="line-number">{{number}}</td>
            <td class="line-text">{{#mark}}<span class="visually-hidden">{{.}}: </span>{{/mark}}
            """# + Self.pieces + #"""
            </td></tr>
            {{/isSide}}{{/fold}}{{/rows}}
            </tbody>
            </table>
            </div>{{/lines}}
            """#

    private static let sideCell = #"""
        <td class="line-number">{{number}}</td><td class="line-text{{#mark}} line-{{.}}{{/mark}}">{{#mark}}<span class="visually-hidden">{{.}}: </span>{{/mark}}
        """# + Self.pieces + "</td>"

    private static let fields = #"""
        {{#isNothing}}<p class="hint">Nothing is different from what is in force.</p>{{/isNothing}}
        {{#cells}}{{#first()}}<div class="scroll" role="region" tabindex="0" aria-label="Changed fields"><table class="table">
        <caption class="visually-hidden">Changed fields</caption>
        <thead><tr><th scope="col">Field</th><th scope="col">Before</th><th scope="col">After</th></tr></thead><tbody>{{/first()}}
        <tr><th scope="row"><code>{{path}}</code></th>
        <td>{{#before}}<del>{{.}}</del>{{/before}}{{^before}}<span class="none">nothing</span>{{/before}}</td>
        <td>{{#after}}<ins>{{.}}</ins>{{/after}}{{^after}}<span class="none">nothing</span>{{/after}}</td></tr>
        {{#last()}}</tbody></table></div>{{/last()}}{{/cells}}
        {{#blocks}}<h3><code>{{path}}</code></h3>
        {{> lines}}{{/blocks}}
        """#

    /// Hidden until the script has drawn it: without script, or to a screen reader, the table beside it says the same.
    private static let chart = #"""
        <figure class="chart" data-chart="{{data}}" hidden>
        <figcaption>{{title}}</figcaption>
        <div class="chart-room"><canvas role="img" aria-label="Chart: {{title}}. The table has the numbers."></canvas></div>
        </figure>
        """#

    /// The cells of a row of usage.
    private static let figures = #"""
        <td class="number">{{exchanges}}</td><td class="number">{{attempts}}</td>
        <td class="number{{#hasFailed}} is-bad{{/hasFailed}}">{{failed}}</td><td class="number">{{denied}}</td>
        <td class="number">{{input}}{{^input}}<span class="none" title="nobody knows">?</span>{{/input}}</td>
        <td class="number">{{output}}{{^output}}<span class="none" title="nobody knows">?</span>{{/output}}</td>
        <td class="number"><data value="{{costExact}}">{{cost}}</data></td>
        <td class="number">{{p50}}{{^p50}}–{{/p50}}</td><td class="number">{{p95}}{{^p95}}–{{/p95}}</td>
        """#
}
