# pictures.gnuplot: false openings against calls to open, in the directory where summarise has left its points.
set terminal svg size 900,600 background "white"
set logscale xy
set key outside right
set grid
set xlabel "false openings a year (none shown as 0.001)"
policies = "default conservative aggressive tolerant cron two three rate auto"

set output "total.svg"
set title "A service that is gone: each point a schedule from 1 s to 1 d"
set ylabel "calls until it opens, mean"
plot for [policy in policies] policy.".dat" using 2:3 with linespoints title policy

set output "half.svg"
set title "A service of which half the calls fail"
plot for [policy in policies] policy.".dat" using 2:4 with linespoints title policy
