import os
import sys
from pathlib import Path

from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
threadpool_limits(1)  # small matrices: more threads only wait for each other
os.environ.pop("WARDWATCH_KEPT", None)  # tests train their own networks
