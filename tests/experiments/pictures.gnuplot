# pictures.gnuplot: in the directory where the summaries have left their points. With -e 'format="pngcairo"' as PNG.
if (!exists("format")) format = "svg"
suffix = format eq "svg" ? "svg" : "png"
set terminal format size 960,600 background "white" font "Sans,12"
set grid lc rgb "#cccccc"
set border lc rgb "#444444"
set key outside right top Left reverse spacing 1.3
set logscale xy
set format x "%g"
set format y "%g"

# told apart by dashes and points, too, so that grey print will do
set style line 1 lc rgb "#000000" lw 2.5 dt 1 pt 7 ps 1
set style line 2 lc rgb "#0072b2" lw 1.8 dt 2 pt 4 ps 1
set style line 3 lc rgb "#d55e00" lw 1.8 dt 4 pt 9 ps 1.2
set style line 4 lc rgb "#009e73" lw 1.8 dt 3 pt 6 ps 1
set style line 5 lc rgb "#b0408a" lw 1.8 dt 5 pt 2 ps 1.2
set style line 6 lc rgb "#666666" lw 1.8 dt 1 pt 12 ps 1.6

# false openings against calls to open
files = "auto two three default tolerant rate"
titles = "'--failures auto' '2 in a row' '3 in a row' '5 in a row, or half of 10' '10 in a row, or half of 10' 'half of 10'"
ends(seconds, text) = seconds == 1 || seconds == 86400 ? text : ""
set xlabel "false openings a year, for a baseline of 0 to 20 % (none: 0.001)"
set ylabel "calls until it opens, in the mean"

set output "total.".suffix
set title "A service that is gone\n{/*0.85 each point is a schedule, from a call each second to one a day}"
set yrange [1:100]
plot for [i = 1:6] word(files, i).".dat" using 2:3 with linespoints ls i title word(titles, i), \
	for [file in "auto three"] file.".dat" using 2:3:(ends($1, stringcolumn(5))) with labels center offset 0,-0.9 font ",10" notitle

set output "half.".suffix
set title "A service of which half the calls fail\n{/*0.85 each point is a schedule, from a call each second to one a day}"
set yrange [1:300]
plot for [i = 1:6] word(files, i).".dat" using 2:4 with linespoints ls i title word(titles, i), \
	for [file in "auto three"] file.".dat" using 2:4:(ends($1, stringcolumn(5))) with labels center offset 0,-0.9 font ",10" notitle

# trials against lateness
files = "1-none 1.2-1d 1.5-1d 2-1d 2-1h"
titles = "'the same each time' 'x 1.2, at most 1 d' 'x 1.5, at most 1 d' 'x 2, at most 1 d' 'x 2, at most 1 h'"
set output "open-for.".suffix
set title "How long to be open: a service that is gone\n{/*0.85 called every 10 s or every minute; of each point its open-for}"
set key inside
set xlabel "trial calls that fail, of an outage (2 h in the median, lognormal)"
set ylabel "how late it closes, minutes in the mean"
set autoscale y
set xrange [0.3:3000]
plot for [i = 1:5] "open-for-".word(files, i).".dat" using 1:2 with linespoints ls i title word(titles, i), \
	"open-for-1-none.dat" using 1:2:5 with labels right offset -0.8,-0.7 font ",10" notitle, \
	for [i = 2:4] "open-for-".word(files, i).".dat" using 1:2:5 with labels offset 0,0.9 font ",10" notitle, \
	for [i = 1:5] "open-for-".word(files, i).".dat" using 3:4 with points pt 1 ps 1.4 lc rgb "#888888" title i == 1 ? "by the formulas" : "", \
	"open-for-presets.dat" using 1:2 with points ls 6 title "presets, with their successes", \
	"open-for-presets.dat" using 1:2:5 with labels rotate by 35 left offset 0.6,0.6 font ",10" notitle
