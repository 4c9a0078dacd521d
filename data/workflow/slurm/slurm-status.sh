#!/bin/sh
# What became of a Slurm job, in snakemake's words.
#
#   slurm-status.sh JOB
state=$(sacct --jobs "$1" --allocations --noheader --parsable2 --format State)
case $state in
  COMPLETED) echo success ;;
  '' | PENDING | RUNNING | CONFIGURING | COMPLETING | SUSPENDED | REQUEUED \
    | RESIZING) echo running ;;
  *) echo failed ;;
esac
