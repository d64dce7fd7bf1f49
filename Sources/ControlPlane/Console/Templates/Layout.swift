extension Templates {
    /// What stands around every page. `main` is another template's HTML, in which everything is escaped already.
    static let layout = #"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{{title}} · Martlet</title>
        {{#stylesheets}}<link rel="stylesheet" href="{{.}}">
        {{/stylesheets}}<link rel="icon" type="image/svg+xml" href="{{icon}}">
        {{#scripts}}<script src="{{.}}" defer></script>
        {{/scripts}}</head>
        <body>
        <a class="skip" href="#main">Skip to content</a>
        <div class="frame{{^who}} frame-alone{{/who}}">
        <header class="side">
        <a class="brand" href="/console"><img src="{{icon}}" alt="" width="28" height="28"> Martlet</a>
        {{#menu}}{{#first()}}<nav aria-label="Console"><ul class="menu">{{/first()}}
        <li><a class="menu-link" href="{{link}}"{{#isCurrent}} aria-current="page"{{/isCurrent}}>{{title}}{{#waiting}}
        <span class="count">{{.}}<span class="visually-hidden"> waiting</span></span>{{/waiting}}</a></li>
        {{#last()}}</ul></nav>{{/last()}}{{/menu}}
        {{#who}}<div class="who">
        <p class="who-name"><span class="visually-hidden">Signed in as </span>{{name}}</p>
        <p class="who-roles">{{roles}}</p>
        <form method="post" action="/console/sign-out">
        <input type="hidden" name="csrf" value="{{csrf}}">
        <button class="btn btn-sm btn-quiet" type="submit">Sign out</button>
        </form>
        </div>{{/who}}
        </header>
        <main id="main" tabindex="-1">
        {{#word}}<p class="notice notice-good" role="status">{{.}}</p>{{/word}}
        {{{main}}}
        </main>
        </div>
        </body>
        </html>

        """#

    static let signIn = #"""
        <div class="card card-narrow">
        <h1>Sign in</h1>
        {{#error}}<p class="notice notice-bad" role="alert" id="error">{{.}}</p>{{/error}}
        <form method="post" action="/console/sign-in">
        {{#next}}<input type="hidden" name="next" value="{{.}}">{{/next}}
        <input type="text" name="username" value="martlet" autocomplete="username" hidden>
        <label class="form-label" for="token">Token</label>
        <input class="form-control" id="token" name="token" type="password" required autofocus
        autocomplete="current-password" spellcheck="false" aria-describedby="token-hint{{#error}} error{{/error}}"
        {{#error}}aria-invalid="true"{{/error}}>
        <p class="hint" id="token-hint">A principal’s token; it begins with <code>mt_</code>. The first one is in the file
        <code>admin.token</code> that <code>martlet-control init</code> wrote; more are made by
        <code>martlet principals create</code>. A JSON web token of a trusted issuer signs you in as well.</p>
        <button class="btn btn-primary btn-wide" type="submit">Sign in</button>
        </form>
        {{#issuers}}{{#first()}}<ul class="issuers" aria-label="Other ways to sign in">{{/first()}}
        <li><a class="btn btn-quiet btn-wide" href="{{link}}">Sign in with {{name}}</a></li>
        {{#last()}}</ul>{{/last()}}{{/issuers}}
        </div>

        """#

    static let problem = #"""
        <div class="card card-narrow">
        <h1>{{title}}</h1>
        <p>{{detail}}.</p>
        {{#errors}}{{#first()}}<ul>{{/first()}}<li><code>{{pointer}}</code> {{detail}}</li>{{#last()}}</ul>{{/last()}}{{/errors}}
        {{#request}}<p class="hint">Request <code>{{.}}</code></p>{{/request}}
        <p><a href="/console">Back to the overview</a></p>
        </div>

        """#
}
