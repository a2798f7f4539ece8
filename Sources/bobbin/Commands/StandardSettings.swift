/// bobbin.yaml as `bobbin init` writes it: every key with its default, commented out. The same text as spool/bobbin.yaml.
enum StandardSettings {
    static let text = #"""
        # Settings of this spool. Every key is optional; the values behind the # are the defaults.
        # The environment (BOBBIN_SPOOL, BOBBIN_SLOTS, BOBBIN_LOG_LEVEL) wins over this file, and options win over both.
        # `kill -HUP` makes bobbind read it again; a file with an error is refused as a whole, and the old settings stay.
        # Durations: 500ms, 90s, 15m, 1h30m, 2d. Sizes: 512KiB, 64MiB, 1GB. Unknown keys are errors.

        # Runs at a time. Default: as many as there are processors.
        # slots: 2

        # Below this much free space nothing new starts; the log and `bobbin doctor` say so.
        # min_free_space: 1GiB

        # intake:
        #   settle: 2s                  # a directory made in place is taken when two looks this far apart see the same
        #   quiet: 200ms                # a file written in place is taken when it is closed and unchanged for this long
        #   rescan: 60s                 # a look at all inboxes, in case an event was lost; or `never`
        #   give_up: 24h                # an entry that stays incomplete this long is rejected
        #   max_queued: 10000           # bundles waiting to run; more stay in the inbox
        #   max_bundle_size: 1GiB       # unpacked
        #   max_bundle_entries: 10000

        # What must be enforceable; if it is not, runs end `errored` and never run without.
        # Of: namespaces, seccomp, memory, processes, cpu. `bobbin doctor` says what this machine can.
        # sandbox:
        #   require: [namespaces, seccomp]
        #   cgroup: /sys/fs/cgroup/bobbin   # below it runs are placed; default: Bobbin's own group, if it is delegated. Read at start

        # What Python scripts require is installed once, by uv or pip in a sandbox of its own, and kept for all that require the same.
        # environments:
        #   enabled: true
        #   index: none                 # or a URL; default: PyPI. The first setting that needs the network takes a new start of bobbind
        #   extra_indexes: []           # URLs
        #   find_links: []              # directories of this machine, read at start, and URLs
        #   offline: false              # true: nothing is asked for over the network
        #   build_from_source: false    # true: packages without a wheel are built, so that their own code runs in the builder's sandbox
        #   builder: auto               # uv where it is installed, else pip; or one of them
        #   max_size: 250MiB            # of one environment
        #   timeout: 10m                # of one build
        #   retry_failed_after: 5m
        #   pythons: [/usr/bin/python3.11]   # below /usr, the usual one first; default: those that are found

        # Runtimes beside the built-in ones: the command, to which the script and its arguments are added, and which endings
        # of scripts it runs.
        # runtimes:
        #   lua: {command: [/usr/bin/lua5.4], endings: [.lua]}

        # What is over is swept: at start, and then at its time. Ages count from a run's end. `never` is a value, zero is an error.
        # retention:
        #   sweep_every: 1h
        #   results:                    # directories in the outbox
        #     {age: 30d, failed_age: 90d, keep_last: 10, max_size: 20GiB}
        #   archive:                    # bundles that ran, for `bobbin retry`
        #     {age: 7d, failed_age: 30d, max_size: 10GiB}
        #   history: {age: 1y, max_rows: 10000000}
        #   statistics: {age: 3y}       # and the audit
        #   environments: {unused: 30d, max_size: 10GiB}

        # A queue is a directory in inbox/; here stands only what differs from these defaults.
        queues:
          default: {}
          # nightly:
          #   slots: 1                  # default: the global slots
          #   timeout: 15m              # of a bundle that names none
          #   max_timeout: 24h          # a manifest that asks for more is rejected
          #   max_attempts: 10          # and so is one that asks for more tries
          #   max_limits:
          #     {memory: 4GiB, cpus: 4, processes: 256, open_files: 4096, file_size: 400MiB, output: 400MiB,
          #      output_files: 40000, log: 4MiB, tmp: 400MiB}
          #   network: [none]           # or [none, host]; the first such queue takes a new start of bobbind
          #   runtimes: [python, sh]    # default: every one
          #   imports: {allow: [json]}  # what Python scripts may import; default: every module
          #   require_output_schema: false   # true: a manifest without `output_schema` is rejected
          #   environments: true        # false: bundles with requirements are rejected
          #   retention:                # its own results and bundles, as above; max_size within the spool's
          #     {results: {age: 30d, failed_age: 90d, keep_last: 10, max_size: 5GiB}, archive: {age: 7d}}

        """#
}
