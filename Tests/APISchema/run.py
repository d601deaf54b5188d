import argparse, json, os, pathlib, random, sys, tempfile, collections
import credentials, known, world
import schemathesis, schemathesis.cli

def main():
    p = argparse.ArgumentParser()
    p.add_argument("--hub"); p.add_argument("--cases", default="10"); p.add_argument("rest", nargs="*")
    a = p.parse_args()
    seed = os.environ.get("VULTUS_SEED") or str(random.randrange(2**31))
    with tempfile.TemporaryDirectory() as folder:
        hub = world.Hub(a.hub, folder)
        print(hub.url)
        answers = collections.defaultdict(collections.Counter)
        @schemathesis.hook
        def after_call(context, case, response):
            answers[case.operation.label][response.status_code] += 1
        try:
            holders = credentials.Holders(hub)
            credentials.install(holders)
            known.install(known.Known(holders, int(seed)))
            here = pathlib.Path(__file__).parent
            args = ["--config-file", str(here/"schemathesis.toml"), "run", hub.url + "/openapi.json", "--url", hub.url, "-n", a.cases, "--seed", seed, "--generation-database", "none", *a.rest]
            print(args)
            try:
                schemathesis.cli.schemathesis.main(args, standalone_mode=False)
            except SystemExit as e:
                print("exit", e.code)
        finally:
            hub.stop()
            for l, c in sorted(answers.items()): print(l, dict(c))
            print(holders.renewals)
            print("log:", open(folder + "/hub.log").read()[-3000:])
main()
