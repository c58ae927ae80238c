"""RQ, with Redis between: `rq worker --worker-class log_center.rq.Worker`."""

import log_center

log_center.init(project="shop")


def bill(order, card=None):
    log_center.set_user("u_7")
    raise LookupError(order)  # RAISED HERE
