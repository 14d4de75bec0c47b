"""Exercises 0.1, 1.1 and 2.1 over IPv6: graded only where they are named, `pytest suites/ipv6`.

Every scenario runs in a lab with the two hosts: an IPv6 loopback is not to be had everywhere else.
"""
