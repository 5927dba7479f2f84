"""Where containers find this host."""

from ipaddress import ip_network
from typing import Any

import docker


def host_address(client: docker.APIClient, network: str = "bridge") -> str:
    """This host's address as containers on `network` see it: the network's gateway.

    Raises docker's NotFound when there is no such network.
    """
    config: list[dict[str, Any]] = client.inspect_network(network)["IPAM"]["Config"]
    # Of a network with both, the IPv4 part: that is where the Hub listens.
    part = next((part for part in config if ":" not in part["Subnet"]), config[0])
    # Some engines leave the gateway out; it is the network's first address then.
    return str(part.get("Gateway") or ip_network(part["Subnet"])[1])
