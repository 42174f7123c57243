/* style.c: the style sheet. It has neither "<" nor "&", which would not be XML. */
#include "report/page/style.h"

#include <stddef.h>

/* In parts, since compilers need not take a string as long as that. */
static const char *const parts[] = {
	/* colours: each of text has a contrast of 4.5 to its ground, each of a shape 3 */
	":root{color-scheme:light dark;--paper:#fff;--panel:#f5f6f8;--ink:#1c2128;--soft:#545d68;--line:#d3d8de;"
	"--good:#2c7a4b;--bad:#b42318;--half:#a15c00;--off:#6b7280;--mark:#2f6db5;--link:#1d5a9e;"
	"--h1:#fdeae7;--h2:#f8c6be;--h3:#ef9a8e;--h4:#b93527;--h5:#7d150d;--hot:#fff}\n"
	"@media (prefers-color-scheme:dark){:root{--paper:#14171c;--panel:#1d2127;--ink:#e4e7eb;--soft:#a3acb8;"
	"--line:#363d47;--good:#56b47c;--bad:#ff7b6e;--half:#e6a23c;--off:#8f99a6;--mark:#6ea8ec;--link:#8dbdf5;"
	"--h1:#33211f;--h2:#552a26;--h3:#83332b;--h4:#ef7b6e;--h5:#ffc2ba;--hot:#14171c}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0 auto;padding:1.5rem 1rem 3rem;max-width:78rem;background:var(--paper);color:var(--ink);"
	"font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}\n"
	"h1{margin:0;font-size:1.6rem;line-height:1.25}h2{margin:2.5rem 0 .5rem;font-size:1.2rem}\n"
	"h3{margin:0;font-size:1rem}p{margin:.2rem 0}a{color:var(--link)}\n"
	".soft,figcaption,caption{color:var(--soft);font-size:.875rem}time{white-space:nowrap}\n",
	/* the summary */
	".sums{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.75rem;margin:1.25rem 0 0}\n"
	".sums div{padding:.6rem .8rem;background:var(--panel);border-radius:.5rem}\n"
	"dt{color:var(--soft);font-size:.875rem}dd{margin:0;font-variant-numeric:tabular-nums}\n"
	".sums dd{font-size:1.35rem;line-height:1.3}.sums small{display:block;font-size:.875rem;color:var(--soft)}\n",
	/* the breakers */
	".legend{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;margin:.5rem 0 1rem;padding:0;list-style:none;"
	"color:var(--soft);font-size:.875rem}.legend svg{width:24px;height:14px;vertical-align:-2px}\n"
	".breakers{margin:0;padding:0;list-style:none}\n"
	".breakers>li{display:grid;grid-template-columns:15rem minmax(0,1fr) 22rem;gap:.5rem 1.5rem;padding:1rem 0;"
	"border-top:1px solid var(--line);content-visibility:auto;contain-intrinsic-size:auto 9rem}\n"
	".chart svg{display:block;width:100%;height:98px}\n"
	".axis{display:flex;justify-content:space-between;color:var(--soft);font-size:.75rem}\n"
	".breakers dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(4.75rem,1fr));gap:.4rem .75rem;margin:0;align-content:start}\n"
	".state{font-weight:600}.so .state{color:var(--bad)}.sh .state{color:var(--half)}.sd .state{color:var(--soft)}\n"
	".sc .state{color:var(--good)}\n",
	/* the charts: bars are strokes, as wide as most of a bin of ten */
	"svg path{fill:none}svg[width]{position:absolute}path.so{stroke:var(--bad);stroke-width:14}path.sh{stroke:var(--half);stroke-width:7}\n"
	"path.sc{stroke:var(--good);stroke-width:2}path.sd{stroke:var(--off);stroke-width:4;stroke-dasharray:4 4}\n"
	"path.ax,path.gr{stroke:var(--line);stroke-width:1}path.ok{stroke:var(--good)}path.no{stroke:var(--bad)}\n"
	"path.ig{stroke:var(--off)}path.tm{stroke:var(--mark)}path.tx{stroke:var(--mark)}\n"
	"path.ok,path.no,path.ig,path.tm{stroke-width:7}path.tx{stroke-width:2}\n",
	/* tables */
	"table{border-collapse:collapse;width:100%}caption{text-align:left;padding-bottom:.5rem}\n"
	"th{text-align:left;font-weight:600}td,th{padding:.35rem .75rem .35rem 0;vertical-align:top}\n"
	".incidents td,.incidents th{border-top:1px solid var(--line)}.incidents thead th{border:0;color:var(--soft);"
	"font-size:.875rem}\n"
	".number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
	/* what stands behind may begin with a number, too */
	"@media (min-width:44.01rem){.incidents .number{padding-right:1.75rem}}\n"
	".scroll{overflow-x:auto}.scroll:focus-visible,a:focus-visible{outline:3px solid var(--mark);outline-offset:2px}\n"
	".heat caption span{display:block;max-width:calc(100vw - 2rem)}\n"
	".heat{width:auto;min-width:46rem;table-layout:fixed}.heat td,.heat th{padding:.3rem .1rem;text-align:center;"
	"font-size:.8125rem;font-variant-numeric:tabular-nums}\n"
	".heat th{font-weight:400;color:var(--soft)}.heat tbody th{text-align:left;width:3rem}\n"
	".heat tbody td{border:1px solid var(--paper);background:var(--panel)}.heat td.h0{color:var(--soft)}\n"
	".heat td.h1{background:var(--h1)}.heat td.h2{background:var(--h2)}.heat td.h3{background:var(--h3)}\n"
	".heat td.h4{background:var(--h4);color:var(--hot)}.heat td.h5{background:var(--h5);color:var(--hot)}\n"
	"footer{margin-top:2.5rem;border-top:1px solid var(--line);padding-top:.75rem}\n",
	/* narrow screens: a breaker's parts below each other, and so an incident's */
	"@media (max-width:60rem){.breakers>li{grid-template-columns:minmax(0,1fr)}}\n"
	"@media screen and (max-width:44rem){.incidents thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;"
	"overflow:hidden}\n"
	".incidents table,.incidents tbody,.incidents tr,.incidents td,.incidents th,.incidents caption{display:block}\n"
	".incidents tr{padding:.6rem 0;border-top:1px solid var(--line)}\n"
	".incidents td,.incidents tbody th{display:flex;gap:.75rem;border:0;padding:.1rem 0;text-align:left;"
	"white-space:normal}\n"
	".incidents td::before{content:attr(data-label);flex:0 0 6rem;color:var(--soft);font-size:.875rem}}\n",
	/* paper, which is light */
	"@media print{:root{font-size:9pt;color-scheme:light;--paper:#fff;--panel:#f5f6f8;--ink:#000;--soft:#444;--line:#bbb;"
	"--good:#2c7a4b;--bad:#b42318;--half:#a15c00;--off:#6b7280;--mark:#2f6db5;--link:#000;--h1:#fdeae7;--h2:#f8c6be;"
	"--h3:#ef9a8e;--h4:#b93527;--h5:#7d150d;--hot:#fff}\n"
	"*{print-color-adjust:exact;-webkit-print-color-adjust:exact}body{max-width:none;padding:0}\n"
	".breakers>li{grid-template-columns:12rem minmax(0,1fr) 16rem;gap:.5rem;padding:.5rem 0;content-visibility:visible}\n"
	".breakers>li,tr,.sums div{break-inside:avoid}h2,caption{break-after:avoid}.scroll{overflow:visible}\n"
	".heat{min-width:0;width:100%}.heat td,.heat th{font-size:7pt}a{text-decoration:none}thead{display:table-header-group}}\n",
};

void style_print(FILE *out)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		fputs(parts[i], out);
}
