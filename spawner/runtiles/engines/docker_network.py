"""Where containers find this host."""

from ipaddress import ip_network
from typing import Any

import docker


def host_address(client: docker.APIClient, network: str = "bridge") -> str:
    """This host's address as containers on `network` see it: the network's gateway.

    Raises docker's NotFound when there is no such network.
    """
    config: list[dict[str, Any]] = client.inspect_network(network)["IPAM"]["Config"]
    # Some engines leave the gateway out; it is the network's first address then.
    return str(config[0].get("Gateway") or ip_network(config[0]["Subnet"])[1])
