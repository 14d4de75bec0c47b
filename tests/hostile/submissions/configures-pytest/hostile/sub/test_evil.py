open("/tmp/netlab-was-imported", "w").close()
raise SystemExit("imported")
