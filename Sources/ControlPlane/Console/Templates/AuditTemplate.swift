extension Templates {
    static let audit = #"""
        <div class="head"><div><h1>Audit</h1><p class="lead">Every change, newest first; each entry holds the hash of the one before.</p></div>
        <p class="head-actions"><a class="btn btn-sm btn-quiet" href="{{verify}}">Verify the chain</a></p></div>
        {{#verdict}}{{#isValid}}<p class="notice notice-good" role="status"><strong>The chain is whole.</strong> {{entries}} entries, head <code>{{head}}</code>, compared with {{witnesses}} published heads.</p>{{/isValid}}
        {{^isValid}}<p class="notice notice-bad" role="alert"><strong>The chain is broken at entry {{firstBad}}:</strong> {{detail}}.</p>{{/isValid}}{{/verdict}}
        <form class="inline" method="get" action="/console/audit"><label for="subject">Subject</label>
        <input class="form-control" id="subject" name="subject" value="{{subject}}" placeholder="model/openai/gpt-4o">
        <button class="btn btn-sm btn-quiet" type="submit">Show</button></form>
        {{^rows}}<section class="card empty"><h2>No entry</h2><p>Nothing was changed{{#subject}} of this subject{{/subject}} yet.</p></section>{{/rows}}
        {{#rows}}{{#first()}}<section class="card"><div class="scroll" role="region" tabindex="0" aria-label="Audit entries"><table class="table">
        <caption class="visually-hidden">Audit entries, newest first</caption>
        <thead><tr><th scope="col">Entry</th><th scope="col">When</th><th scope="col">Who</th><th scope="col">Did</th><th scope="col">To</th><th scope="col">Why</th></tr></thead><tbody>{{/first()}}
        <tr><th scope="row" class="count-first">{{number}}</th><td>{{#time}}{{> time}}{{/time}}</td><td class="short">{{actor}}</td><td class="nowrap">{{action}}</td><td class="long"><a href="{{subjectLink}}">{{subject}}</a></td>
        <td class="why">{{reason}}<details><summary>Detail<span class="visually-hidden"> of entry {{number}}</span></summary><pre class="text">{{detail}}</pre></details></td></tr>
        {{#last()}}</tbody></table></div>{{> paging}}</section>{{/last()}}{{/rows}}

        """#
}
