var e={name:`client-fastapi.py`,language:`py`,pieces:[[`c`,`# pip install ./clients/python of Log Center's repository, and these lines beside your program:
`],[`k`,`from`],[``,` fastapi `],[`k`,`import`],[``,` FastAPI

`],[`k`,`import`],[``,` log_center
`],[`k`,`import`],[``,` log_center.asgi

log_center.init(url=`],[`s`,`"http://localhost:8002"`],[``,`, project=`],[`s`,`"my_project"`],[``,`, environment=`],[`s`,`"production"`],[``,`)
app = FastAPI()
log_center.asgi.install(app)`]]};export{e as t};