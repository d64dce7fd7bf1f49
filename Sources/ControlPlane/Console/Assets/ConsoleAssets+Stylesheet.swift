extension ConsoleAssets {
    /// Over Bootstrap where that is there, and enough without it. Every colour is a property, so that dark is a second
    /// list of them and nothing else.
    static let stylesheet = colours + frame + pieces + tables + controls + narrow

    private static let colours = #"""
        :root {
            color-scheme: light dark;
            --page: #f5f6f8; --surface: #ffffff; --sunken: #f0f2f5; --line: #dde2e8; --edge: #8792a0;
            --text: #1c2530; --muted: #566270;
            --accent: #1d5c9e; --accent-text: #ffffff; --accent-soft: #e6eff9;
            --good: #17693f; --good-soft: #e4f4ea; --bad: #ad1f1a; --bad-soft: #fceae8; --bad-text: #ffffff;
            --wait: #805300; --wait-soft: #fcf1da;
            --chart-1: #2f6fb5; --chart-2: #d9822b; --chart-3: #2e8f6b; --chart-4: #8d5fb8; --chart-5: #c2456b;
            --chart-6: #70808f;
            --shadow: 0 1px 2px rgb(20 30 45 / 6%);
        }
        @media (prefers-color-scheme: dark) {
            :root {
                --page: #11151b; --surface: #191f27; --sunken: #10141a; --line: #2b333e; --edge: #6b7888;
                --text: #e3e8ee; --muted: #9ba8b6;
                --accent: #86b8f2; --accent-text: #0d1a29; --accent-soft: #1b2d43;
                --good: #74d3a0; --good-soft: #15301f; --bad: #ff9c92; --bad-soft: #3b1d1c; --bad-text: #2b0a08;
                --wait: #ebbe69; --wait-soft: #352a13;
                --chart-1: #6aa5e6; --chart-2: #e9a35a; --chart-3: #5cc299; --chart-4: #b491dc; --chart-5: #e57b9b;
                --chart-6: #96a5b4;
                --shadow: none;
            }
        }
        /* Bootstrap's arrow is dark. */
        @media (prefers-color-scheme: dark) {
            .form-select {
                background-image: url("data:image/svg+xml,%3csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3e%3cpath fill='none' stroke='%239ba8b6' stroke-linecap='round' stroke-linejoin='round' stroke-width='2' d='m2 5 6 6 6-6'/%3e%3c/svg%3e");
            }
        }
        :root { --bs-body-bg: var(--page); --bs-body-color: var(--text); --bs-border-color: var(--line); }

        """#

    private static let frame = #"""
        * { box-sizing: border-box; }
        body {
            margin: 0; background: var(--page); color: var(--text); line-height: 1.5; font-size: 0.9375rem;
            font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
        }
        a { color: var(--accent); text-underline-offset: 0.15em; }
        a:hover { color: var(--text); }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
        main:focus { outline: none; }
        h1, h2, h3 { line-height: 1.25; margin: 0; font-weight: 600; overflow-wrap: anywhere; }
        h1 { font-size: 1.5rem; } h2 { font-size: 1.0625rem; } h3 { font-size: 0.9375rem; margin: 1rem 0 0.5rem; }
        p { margin: 0 0 0.75rem; }
        code, pre { font-family: ui-monospace, "DejaVu Sans Mono", "Liberation Mono", monospace; font-size: 0.875em; }
        code { color: inherit; overflow-wrap: anywhere; }
        .visually-hidden {
            position: absolute; width: 1px; height: 1px; margin: -1px; padding: 0; overflow: hidden;
            clip: rect(0 0 0 0); white-space: nowrap; border: 0;
        }
        .skip { position: absolute; left: 0.5rem; top: -4rem; background: var(--surface); padding: 0.5rem 1rem; z-index: 9; }
        .skip:focus { top: 0.5rem; }
        .frame { display: grid; grid-template-columns: 14rem minmax(0, 1fr); min-height: 100vh; }
        .side {
            display: flex; flex-direction: column; gap: 1.5rem; padding: 1.25rem 0.75rem; position: sticky; top: 0;
            height: 100vh; overflow-y: auto; background: var(--surface); border-right: 1px solid var(--line);
        }
        .brand {
            display: flex; align-items: center; gap: 0.5rem; padding: 0 0.5rem; font-size: 1.125rem; font-weight: 600;
            color: var(--text); text-decoration: none;
        }
        .menu { list-style: none; margin: 0; padding: 0; display: flex; flex-direction: column; gap: 2px; }
        .menu-link {
            display: flex; justify-content: space-between; align-items: center; gap: 0.5rem; padding: 0.4375rem 0.75rem;
            border-radius: 6px; color: var(--muted); text-decoration: none; font-weight: 500;
        }
        .menu-link:hover { background: var(--sunken); color: var(--text); }
        .menu-link[aria-current] { background: var(--accent-soft); color: var(--accent); box-shadow: inset 3px 0 var(--accent); }
        .count {
            min-width: 1.375rem; padding: 0 0.375rem; border-radius: 999px; text-align: center; font-size: 0.8125rem;
            background: var(--wait-soft); color: var(--wait); font-weight: 600;
        }
        .who { margin-top: auto; padding: 0.75rem 0.5rem 0; border-top: 1px solid var(--line); }
        .who-name { font-weight: 600; margin: 0; overflow-wrap: anywhere; }
        .who-roles { color: var(--muted); font-size: 0.8125rem; margin-bottom: 0.5rem; }
        main { padding: 1.75rem 2rem 3rem; max-width: 84rem; width: 100%; }
        .frame-alone { grid-template-columns: 1fr; align-content: start; justify-items: center; }
        .frame-alone .side { height: auto; position: static; border: 0; background: none; padding-top: 4rem; }
        .frame-alone main { display: flex; justify-content: center; }

        """#

    private static let pieces = #"""
        .head { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: flex-end; gap: 0.75rem 1.5rem; margin-bottom: 1.25rem; }
        .lead { color: var(--muted); margin: 0.25rem 0 0; font-size: 0.9375rem; font-weight: 400; }
        .crumb { margin: 0 0 0.25rem; font-size: 0.875rem; }
        .head-actions { margin: 0; display: flex; gap: 0.5rem; flex-wrap: wrap; }
        .card {
            display: block; background: var(--surface); border: 1px solid var(--line); border-radius: 10px;
            padding: 1.125rem 1.25rem; margin-bottom: 1.25rem; box-shadow: var(--shadow); color: var(--text); min-width: 0;
        }
        .card > h2 { margin-bottom: 0.75rem; }
        .card > :last-child { margin-bottom: 0; }
        .card-head { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: 0.5rem 1rem; margin-bottom: 0.75rem; }
        .card-foot { margin: 0.75rem 0 0; }
        .card-narrow { width: 26rem; max-width: 100%; padding: 1.75rem; }
        .card-narrow h1 { margin-bottom: 1rem; }
        .issuers { list-style: none; margin: 1.25rem 0 0; padding: 1.25rem 0 0; border-top: 1px solid var(--line); display: grid; gap: 0.625rem; } .issuers .btn { text-align: center; }
        .empty { color: var(--muted); }
        .empty h2 { color: var(--text); margin-bottom: 0.5rem; }
        .empty pre { background: var(--sunken); border-radius: 6px; padding: 0.75rem 1rem; overflow-x: auto; margin: 0; color: var(--text); }
        .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr)); gap: 0 1.25rem; align-items: stretch; }
        .columns-wide { grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); align-items: start; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11.5rem, 1fr)); gap: 1rem; margin: 0 0 1.25rem; }
        .tile { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: 0.875rem 1.125rem; box-shadow: var(--shadow); }
        .tile dt { color: var(--muted); font-weight: 500; font-size: 0.875rem; }
        .tile dd { margin: 0.125rem 0 0; font-size: 1.625rem; font-weight: 600; font-variant-numeric: tabular-nums; line-height: 1.3; }
        .tile .tile-note { font-size: 0.8125rem; font-weight: 400; color: var(--muted); margin: 0.125rem 0 0; }
        abbr[title] { text-decoration: none; }
        .is-bad { color: var(--bad); }
        .hint, .none { color: var(--muted); font-size: 0.875rem; font-weight: 400; }
        .hint { margin-bottom: 0.75rem; }
        .notice { border: 1px solid var(--line); border-left: 4px solid var(--accent); border-radius: 6px; background: var(--surface); padding: 0.75rem 1rem; margin: 0 0 1.25rem; }
        .notice p:last-child, .notice ul:last-child { margin-bottom: 0; }
        .notice-good { border-color: var(--good); background: var(--good-soft); }
        .notice-bad { border-color: var(--bad); background: var(--bad-soft); }
        .tabs { display: flex; flex-wrap: wrap; gap: 0.25rem; }
        .tabs a { padding: 0.25rem 0.75rem; border-radius: 6px; text-decoration: none; color: var(--muted); font-weight: 500; font-size: 0.875rem; }
        .tabs a:hover { background: var(--sunken); color: var(--text); }
        .tabs a[aria-current] { background: var(--accent-soft); color: var(--accent); box-shadow: inset 0 -2px var(--accent); }
        .paging { display: flex; gap: 0.5rem; padding-top: 0.75rem; }
        .mood { display: inline-flex; align-items: center; gap: 0.375rem; white-space: nowrap; font-size: 0.875rem; font-weight: 500; }
        .mood::before { content: ""; width: 0.5rem; height: 0.5rem; border-radius: 50%; background: currentcolor; }
        .mood-good { color: var(--good); } .mood-wait { color: var(--wait); } .mood-bad { color: var(--bad); } .mood-plain { color: var(--muted); }
        .mood-wait::before { border-radius: 1px; } .mood-bad::before { border-radius: 0; transform: rotate(45deg); }
        .label { display: inline-block; border: 1px solid var(--line); border-radius: 999px; padding: 0 0.625rem; margin: 0 0.25rem 0.125rem 0; font-size: 0.8125rem; white-space: nowrap; }
        .label b { font-weight: 600; }
        .list { list-style: none; margin: 0; padding: 0; }
        .list li { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; padding: 0.5rem 0; border-top: 1px solid var(--line); }
        .list li:first-child { border-top: 0; }
        .list .hint { margin: 0; }
        .facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.375rem 1.5rem; margin: 0; }
        .facts dt { color: var(--muted); font-weight: 500; } .facts dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(16.5rem, 100%), 1fr)); gap: 1.25rem; }
        .chart { margin: 0; min-width: 0; } .chart figcaption { color: var(--muted); font-size: 0.875rem; font-weight: 500; margin-bottom: 0.5rem; }
        .chart-room { position: relative; height: 13rem; overflow: hidden; } .chart-card .chart-room { height: 18rem; }
        .chart-card:has(.chart[hidden]) { display: none; }
        details > summary { cursor: pointer; color: var(--accent); font-size: 0.875rem; font-weight: 500; }
        .charts + details { margin-top: 0.75rem; }
        .version { border-top: 1px solid var(--line); padding: 0.75rem 0; } .version:first-of-type { border-top: 0; padding-top: 0; }
        .version > summary { color: var(--text); font-size: 0.9375rem; } .version .hint { margin: 0; }
        .role { color: var(--muted); font-weight: 500; font-size: 0.8125rem; margin: 0.75rem 0 0.25rem; }
        .notes { margin: 0.5rem 0 0; }
        .text { background: var(--sunken); border-radius: 6px; padding: 0.75rem 1rem; margin: 0 0 0.5rem; white-space: pre-wrap; overflow-wrap: anywhere; color: var(--text); }

        """#

    private static let tables = #"""
        .scroll { position: relative; overflow-x: auto; margin: 0 -1.25rem; padding: 0 1.25rem; }
        .table { width: 100%; border-collapse: collapse; margin: 0; color: var(--text); --bs-table-color: var(--text); --bs-table-bg: transparent; font-size: 0.90625rem; }
        .table > :not(caption) > * > * { padding: 0.5rem 0.75rem; border-bottom: 1px solid var(--line); background: transparent; box-shadow: none; color: inherit; vertical-align: top; }
        .table > :not(caption) > tr > :first-child, .columns .table > :not(caption) > tr > :first-child { padding-left: 0; }
        .table > :not(caption) > tr > :last-child, .columns .table > :not(caption) > tr > :last-child { padding-right: 0; }
        .table > tbody > tr:last-child > * { border-bottom: 0; }
        .table > tfoot > tr > * { border-top: 2px solid var(--line); border-bottom: 0; font-weight: 600; }
        .table th { text-align: left; font-weight: 500; }
        .table > thead > tr > th { color: var(--muted); font-size: 0.8125rem; white-space: nowrap; border-bottom-width: 1px; }
        .table > thead .word::first-letter { text-transform: uppercase; }
        .table > tbody > tr:hover > * { background: var(--sunken); }
        .table .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .table time { white-space: nowrap; font-variant-numeric: tabular-nums; }
        .table td details > summary { font-size: 0.8125rem; }
        .table td .text { max-width: 24rem; }
        .table .why { min-width: 10rem; } .table .long, .table .short { overflow-wrap: anywhere; } .table .long { min-width: 11.5rem; } .table .short { min-width: 6rem; }
        .columns .table > :not(caption) > tr > * { padding-left: 0.4375rem; padding-right: 0.4375rem; } .table th code { overflow-wrap: normal; } .table .nowrap { white-space: nowrap; }
        .table .count-first { font-variant-numeric: tabular-nums; }
        .table + .hint { margin-top: 0.75rem; }
        .table .is-bad { color: var(--bad); }
        .table th[aria-sort] { color: var(--text); } .table th[aria-sort] a::after { content: " ↓"; }
        .table > thead a { color: inherit; }
        ins { text-decoration: underline; text-decoration-thickness: 2px; text-underline-offset: 0.2em; background: var(--good-soft); color: var(--good); }
        del { background: var(--bad-soft); color: var(--bad); }
        .difference { width: 100%; border-collapse: collapse; font-family: ui-monospace, "DejaVu Sans Mono", "Liberation Mono", monospace; font-size: 0.8125rem; line-height: 1.6; border: 1px solid var(--line); }
        .difference-side { table-layout: fixed; min-width: 44rem; }
        .difference td { vertical-align: top; padding: 0 0.75rem; }
        .difference .line-number { width: 3.25rem; text-align: right; color: var(--muted); user-select: none; background: var(--sunken); font-variant-numeric: tabular-nums; }
        .difference .line-text { white-space: pre-wrap; overflow-wrap: anywhere; padding-left: 1.75rem; position: relative; }
        .difference-side .line-text + .line-number { border-left: 1px solid var(--line); }
        .difference .line-removed, .difference .line-removed > .line-text { background: var(--bad-soft); }
        .difference .line-added, .difference .line-added > .line-text { background: var(--good-soft); }
        .difference .line-none { background: var(--sunken); }
        .line-removed > .line-text::before, td.line-removed::before { content: "−"; } .line-added > .line-text::before, td.line-added::before { content: "+"; }
        .line-changed > .line-text::before { content: "±"; }
        .difference .line-text::before { position: absolute; left: 0.625rem; color: var(--muted); }
        .difference .line-removed del { background: none; } .difference .line-added ins { background: none; }
        .difference .line-removed del { text-decoration-thickness: 1px; } .difference ins { text-decoration-thickness: 1px; }
        .fold td { text-align: center; color: var(--muted); background: var(--sunken); font-family: system-ui, sans-serif; }

        """#

    private static let controls = #"""
        .form-label { display: block; font-weight: 500; margin: 0 0 0.25rem; font-size: 0.875rem; }
        .form-control, .form-select {
            display: block; width: 100%; padding: 0.4375rem 0.75rem; font: inherit; color: var(--text);
            background-color: var(--surface); border: 1px solid var(--edge); border-radius: 6px; transition: none;
        }
        .form-control:focus, .form-select:focus { color: var(--text); background-color: var(--surface); border-color: var(--accent); box-shadow: none; outline: 3px solid var(--accent); outline-offset: 1px; }
        .form-control::placeholder { color: var(--muted); opacity: 1; }
        .form-control[aria-invalid] { border-color: var(--bad); }
        textarea.form-control { resize: vertical; }
        .form-control + .hint { margin-top: 0.375rem; }
        .btn {
            display: inline-block; padding: 0.4375rem 1rem; border: 1px solid transparent; border-radius: 6px; font: inherit;
            font-weight: 500; cursor: pointer; text-decoration: none; line-height: 1.4; white-space: nowrap; transition: none;
        }
        .btn-primary, .btn-primary:hover { background: var(--accent); border-color: var(--accent); color: var(--accent-text); }
        .btn-danger, .btn-danger:hover { background: var(--bad); border-color: var(--bad); color: var(--bad-text); }
        .btn-quiet, .btn-quiet:hover { background: var(--surface); border-color: var(--edge); color: var(--text); }
        .btn:hover { filter: brightness(1.08); } .btn-quiet:hover { background: var(--sunken); }
        .btn:focus-visible { box-shadow: none; outline: 3px solid var(--accent); outline-offset: 2px; }
        .btn-sm { padding: 0.1875rem 0.625rem; font-size: 0.8125rem; } .btn-wide { width: 100%; }
        .actions { display: flex; flex-wrap: wrap; gap: 0.75rem; margin: 0; }
        .verbs { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.625rem; }
        .verbs li { display: grid; grid-template-columns: 7rem minmax(0, 1fr); gap: 0.75rem; align-items: center; } .verbs .hint { margin: 0; }
        .filters { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(12rem, 100%), 1fr)); gap: 0.875rem 1rem; }
        .field { min-width: 0; border: 0; padding: 0; margin: 0; } .field-wide { grid-column: 1 / -1; }
        .field-end { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; } .field .hint { margin: 0; }
        .checks { display: flex; flex-wrap: wrap; gap: 0.375rem 1.25rem; } .check { display: inline-flex; gap: 0.375rem; align-items: center; }
        .form-check-input { width: 1.0625rem; height: 1.0625rem; margin: 0; accent-color: var(--accent); appearance: auto; }
        .pair { display: grid; grid-template-columns: 2fr 1fr; gap: 1rem; margin-bottom: 1rem; }
        .inline { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; margin-bottom: 1rem; }
        .inline .form-select { width: auto; padding-right: 2.25rem; } .inline .form-control { width: 18rem; max-width: 100%; }

        """#

    private static let narrow = #"""
        @media (max-width: 56rem) {
            .frame { display: block; }
            .side { position: static; height: auto; display: grid; grid-template-columns: 1fr auto; gap: 0.75rem; padding: 0.75rem 1rem; border-right: 0; border-bottom: 1px solid var(--line); }
            .side nav { grid-column: 1 / -1; grid-row: 2; }
            .menu { flex-flow: row wrap; } .menu-link { white-space: nowrap; padding: 0.3125rem 0.625rem; }
            .menu-link[aria-current] { box-shadow: inset 0 -2px var(--accent); }
            .who { margin: 0; padding: 0; border: 0; display: flex; align-items: center; gap: 0.75rem; } .who-roles { display: none; }
            main { padding: 1.25rem 1rem 2rem; }
            .frame-alone .side { padding-top: 2rem; display: flex; align-items: center; } .frame-alone main { padding-top: 0; }
            .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0.75rem; } .tile { padding: 0.75rem 0.875rem; } .tile dd { font-size: 1.3125rem; }
            .card { padding: 1rem; } .scroll { margin: 0 -1rem; padding: 0 1rem; }
            .table > :not(caption) > tr > * { padding: 0.5rem; }
            .scroll > .table { width: max-content; min-width: 100%; } .scroll > .table > * > * > * { max-width: 16rem; }
            .verbs li { grid-template-columns: 1fr; gap: 0.25rem; justify-items: start; }
        }
        @media (forced-colors: active) { .mood::before, .count { forced-color-adjust: none; } }

        """#
}
