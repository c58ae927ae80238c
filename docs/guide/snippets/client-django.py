# pip install ./clients/python of Log Center's repository, and this at the end of settings.py:
import log_center

log_center.init(url="http://localhost:8002", project="my_project", environment="production")
MIDDLEWARE = ["log_center.django.LogCenterMiddleware", *MIDDLEWARE]
# With Django REST framework this as well:
REST_FRAMEWORK = {"EXCEPTION_HANDLER": "log_center.drf.exception_handler"}
