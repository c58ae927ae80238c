"""Python's logging: records of ERROR and above become reports."""

import logging

import log_center
from log_center.logging import LogCenterHandler

log_center.init(project="shop")
logging.getLogger().addHandler(LogCenterHandler())
logger = logging.getLogger("shop.stock")

logger.error("only %d left", 3, extra={"sku": "A-1"})  # RAISED HERE record
try:
    int("x")  # RAISED HERE exception
except ValueError:
    logger.exception("cannot count")
logger.warning("this one stays here")
