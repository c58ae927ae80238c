# pip install ./clients/python of Log Center's repository, and this where the program starts:
import log_center

log_center.init(url="http://localhost:8002", project="my_project", environment="production")

# From here on what nobody catches is reported. What you catch, you report yourself:
try:
    1 / 0
except ZeroDivisionError as error:
    log_center.report_error(error, {"order": 17})
