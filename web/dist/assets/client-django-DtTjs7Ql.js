var e={name:`client-django.py`,language:`py`,pieces:[[`c`,`# pip install ./clients/python of Log Center's repository, and this at the end of settings.py:
`],[`k`,`import`],[``,` log_center

log_center.init(url=`],[`s`,`"http://localhost:8002"`],[``,`, project=`],[`s`,`"my_project"`],[``,`, environment=`],[`s`,`"production"`],[``,`)
MIDDLEWARE = [`],[`s`,`"log_center.django.LogCenterMiddleware"`],[``,`, *MIDDLEWARE]
`],[`c`,`# With Django REST framework this as well:`],[``,`
REST_FRAMEWORK = {`],[`s`,`"EXCEPTION_HANDLER"`],[``,`: `],[`s`,`"log_center.drf.exception_handler"`],[``,`}`]]};export{e as t};