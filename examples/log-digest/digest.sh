#!/bin/sh
# digest.sh [N]: what a day of access logs says, from every access.log*.gz in the bundle: requests by status, the N
# paths with the most bytes, the N busiest clients, server errors by hour. digest.txt is for people; requests.tsv.gz
# holds one line a request (time, client, method, path, status, bytes) for the next program.
set -eu
top=${1:-10}
tab=$(printf '\t')

# One step a file, so that a damaged log ends the script here: in a pipeline sh sees only the last exit code.
gzip -dc access.log*.gz >access.log

# Combined log format: the request is the first quoted field, status and size follow it. "-" bytes are none.
awk -F'"' -v OFS='\t' '
    {
        split($1, before, /[][ ]+/)
        split($2, request, " ")
        split($3, after, " ")
        sub(/\?.*/, "", request[2])
        print before[4], before[1], request[1], request[2], after[1], after[2] == "-" ? 0 : after[2]
    }' access.log | sort -t "$tab" -k1,1 -k2,2 -k4,4 -k5,5n -k6,6n >requests.tsv

{
    printf 'requests: %d\n' "$(wc -l <requests.tsv)"

    printf '\nby status\n'
    cut -f5 requests.tsv | sort | uniq -c | awk '{ printf "%7d  %s\n", $1, $2 }'

    printf '\nby bytes sent, the first %d paths\n' "$top"
    awk -F'\t' '
        { bytes[$4] += $6; count[$4]++ }
        END { for (path in bytes) printf "%d\t%d\t%s\n", bytes[path], count[path], path }' requests.tsv |
        sort -t "$tab" -k1,1nr -k3,3 | head -n "$top" | awk -F'\t' '{ printf "%10d  %5d  %s\n", $1, $2, $3 }'

    printf '\nby requests, the first %d clients\n' "$top"
    cut -f2 requests.tsv | sort | uniq -c | sort -k1,1nr -k2,2 | head -n "$top" | awk '{ printf "%7d  %s\n", $1, $2 }'

    printf '\nserver errors by hour\n'
    awk -F'\t' '$5 >= 500 { split($1, part, ":"); print part[1] ":" part[2] }' requests.tsv |
        sort | uniq -c | awk '{ printf "%7d  %s\n", $1, $2 }'
} >digest.txt

gzip -9nf requests.tsv
head -n 1 digest.txt
