extension ConsoleAssets {
    /// A bird without feet, always in flight.
    static let mark = #"""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#2f6fb5" d="M2 10c6-2 11-1 14 4 3-5 8-6 14-4-5 1-8 4-9 8l-5 9-5-9c-1-4-4-7-9-8z"/></svg>

        """#

    /// Draws what stands in `data-chart` with Chart.js, in the colours of the page, and again when those change. Pages are
    /// whole without it.
    static let script = #"""
        'use strict';
        (() => {
            if (!window.Chart) return;
            const figures = [...document.querySelectorAll('[data-chart]')];
            const drawn = new Map();
            const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
            const money = new Intl.NumberFormat('en', {style: 'currency', currency: 'USD', maximumSignificantDigits: 3});
            const count = new Intl.NumberFormat('en', {notation: 'compact', maximumFractionDigits: 1});
            const written = {
                usd: (value) => money.format(value),
                ms: (value) => value >= 10000 ? count.format(value / 1000) + ' s' : count.format(value) + ' ms',
                count: (value) => count.format(value),
            };
            const palette = () => [1, 2, 3, 4, 5, 6].map((number) => colour('--chart-' + number));

            const series = (spec) => spec.series.map((one, index) => ({
                label: one.name,
                data: one.values,
                backgroundColor: palette()[index % 6],
                borderColor: spec.kind === 'line' ? palette()[index % 6] : colour('--surface'),
                borderWidth: spec.kind === 'line' ? 2 : spec.kind === 'stack' ? {top: 1} : 0,
                borderDash: one.isGuide ? [6, 4] : [],
                pointRadius: one.isGuide ? 0 : spec.labels.length > 40 ? 1.5 : 2.5,
                spanGaps: true,
                tension: 0.2,
                borderRadius: 2,
                maxBarThickness: 28,
            }));

            const options = (spec) => {
                const isStack = spec.kind === 'stack';
                const ticks = {color: colour('--muted'), maxRotation: 0, autoSkipPadding: 16};
                return {
                    animation: false,
                    maintainAspectRatio: false,
                    interaction: {mode: 'index', intersect: false},
                    plugins: {
                        legend: {
                            display: spec.series.length > 1,
                            position: 'bottom',
                            align: 'start',
                            labels: {color: colour('--text'), boxWidth: 12, boxHeight: spec.kind === 'line' ? 0 : 12},
                        },
                        tooltip: {
                            callbacks: {
                                label: (item) => item.dataset.label + ': ' + written[spec.unit](item.parsed.y),
                            },
                        },
                    },
                    scales: {
                        x: {stacked: isStack, grid: {display: false}, ticks},
                        y: {
                            stacked: isStack,
                            beginAtZero: true,
                            grid: {color: colour('--line'), drawBorder: false},
                            ticks: {
                                ...ticks,
                                maxTicksLimit: 5,
                                precision: spec.unit === 'count' ? 0 : undefined,
                                callback: (value) => written[spec.unit](value),
                            },
                        },
                    },
                };
            };

            const draw = () => {
                Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
                for (const figure of figures) {
                    const spec = JSON.parse(figure.dataset.chart);
                    drawn.get(figure)?.destroy();
                    figure.hidden = false;
                    drawn.set(figure, new Chart(figure.querySelector('canvas'), {
                        type: spec.kind === 'line' ? 'line' : 'bar',
                        data: {labels: spec.labels, datasets: series(spec)},
                        options: options(spec),
                    }));
                }
            };

            draw();
            // The numbers are open for whoever sees no chart.
            for (const figure of figures) figure.closest('section')?.querySelector('details')?.removeAttribute('open');
            window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
        })();

        """#
}
