"""How this team runs its steps."""

import dagster as dg

defs = dg.Definitions(executor=dg.multiprocess_executor.configured({"max_concurrent": 2}))
