"""A small server that behaves as CVAT does, for tests of jlabel's client and for trying things out.

Run ``python -m tests.cvat.server --port 8080 --version 2.80.0`` to have one in a shell.
"""

from tests.cvat.server.contract_server import ContractServer
from tests.cvat.server.faults import Fault
from tests.cvat.server.transport import Logged

__all__ = ["ContractServer", "Fault", "Logged"]
