"""`python -m scripts.sms latency | throughput | faults`."""

import click

from scripts.sms.faults import faults
from scripts.sms.latency import latency
from scripts.sms.throughput import throughput

main = click.Group(commands=[latency, throughput, faults], help=__doc__)

if __name__ == "__main__":
    main()
