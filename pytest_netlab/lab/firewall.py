"""One rule: the resets of the student's kernel do not leave, those of the program do.

A hand-made handshake comes from a raw socket, so the kernel knows no such connection and answers the peer's
SYN-ACK with a reset. `meta skuid` can only be loaded where a socket sent the packet; where none did, the load
ends that rule, and the next one drops:

    out of the cable, tcp flags rst, meta skuid loads → accept
    out of the cable, tcp flags rst                   → drop

On loopback the kernel resets as ever: a port there where nobody listens refuses, as on any machine.
"""

from __future__ import annotations

import socket
import struct
from typing import Any, Final

from pyroute2.netlink.nfnetlink.nftsocket import Cmp, Meta, Regs
from pyroute2.nftables.expressions import genex
from pyroute2.nftables.main import NFTables

_TABLE: Final = "netlab"
_CHAIN: Final = "resets"
_HOOK_LOCAL_OUT: Final = 3
_ACCEPT, _DROP = 1, 0
_TRANSPORT_HEADER: Final = 2
_FLAGS_OFFSET: Final = 13  # RFC 9293 §3.1: control bits
_LOOPBACK_INDEX: Final = 1  # the first interface of every network namespace
_RST: Final = b"\x04"


def drop_kernel_resets() -> None:
    """Install the rules in the network namespace of the calling process."""
    with NFTables(nfgen_family=socket.AF_INET) as nft:
        nft.table("add", name=_TABLE)
        nft.chain("add", table=_TABLE, name=_CHAIN, hook="output", type="filter", priority=0, policy=_ACCEPT)
        skuid = [genex("meta", {"key": Meta.NFT_META_SKUID, "dreg": Regs.NFT_REG_1})]
        nft.rule("add", table=_TABLE, chain=_CHAIN, expressions=[*_is_reset(), skuid, _verdict(_ACCEPT)])
        nft.rule("add", table=_TABLE, chain=_CHAIN, expressions=[*_is_reset(), _verdict(_DROP)])


def _is_reset() -> list[list[Any]]:
    flags = {"dreg": Regs.NFT_REG_1, "base": _TRANSPORT_HEADER, "offset": _FLAGS_OFFSET, "len": 1}
    mask = {
        "sreg": Regs.NFT_REG_1,
        "dreg": Regs.NFT_REG_1,
        "len": 1,
        "mask": {"attrs": [("NFTA_DATA_VALUE", _RST)]},
        "xor": {"attrs": [("NFTA_DATA_VALUE", b"\x00")]},
    }
    return [
        [genex("meta", {"key": Meta.NFT_META_OIF, "dreg": Regs.NFT_REG_1})],
        [_compare(Cmp.NFT_CMP_NEQ, struct.pack("=I", _LOOPBACK_INDEX))],
        [genex("meta", {"key": Meta.NFT_META_L4PROTO, "dreg": Regs.NFT_REG_1})],
        [_compare(Cmp.NFT_CMP_EQ, bytes([socket.IPPROTO_TCP]))],
        [genex("payload", flags)],
        [genex("bitwise", mask)],
        [_compare(Cmp.NFT_CMP_NEQ, b"\x00")],
    ]


def _compare(operator: Any, value: bytes) -> Any:
    data = {"attrs": [("NFTA_DATA_VALUE", value)]}
    return genex("cmp", {"sreg": Regs.NFT_REG_1, "op": operator, "data": data})


def _verdict(code: int) -> list[Any]:
    data = {"attrs": [("NFTA_DATA_VERDICT", {"attrs": [("NFTA_VERDICT_CODE", code)]})]}
    return [genex("immediate", {"dreg": Regs.NFT_REG_VERDICT, "data": data})]
