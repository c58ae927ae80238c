var e={name:`fastapi.py`,language:`py`,pieces:[[`c`,`# Save as log_center_fastapi.py beside report_error.py, and add it where the application is made:
#     app.add_middleware(LogCenterMiddleware)
`],[`k`,`import`],[``,` uuid
`],[`k`,`from`],[``,` urllib.parse `],[`k`,`import`],[``,` parse_qs

`],[`k`,`from`],[``,` report_error `],[`k`,`import`],[``,` report_error


`],[`k`,`class `],[``,`LogCenterMiddleware:
    `],[`s`,`"""Reports what no handler expected; HTTPException and invalid input never come here."""

    `],[`k`,`def `],[``,`__init__(self, app):
        self.app = app

    `],[`k`,`async def `],[``,`__call__(self, scope, receive, send):
        `],[`k`,`try`],[``,`:
            `],[`k`,`await`],[``,` self.app(scope, receive, send)
        `],[`k`,`except`],[``,` Exception `],[`k`,`as`],[``,` error:
            report_error(error, request_context(scope))
            `],[`k`,`raise


def `],[``,`request_context(scope):
    headers = dict(scope.get(`],[`s`,`"headers"`],[``,`, []))
    `],[`k`,`return `],[``,`{
        `],[`s`,`"url"`],[``,`: scope.get(`],[`s`,`"path"`],[``,`),
        `],[`s`,`"method"`],[``,`: scope.get(`],[`s`,`"method"`],[``,`),
        `],[`s`,`"params"`],[``,`: scope.get(`],[`s`,`"path_params"`],[``,`),
        `],[`s`,`"query"`],[``,`: parse_qs(scope.get(`],[`s`,`"query_string"`],[``,`, `],[`s`,`b""`],[``,`).decode(`],[`s`,`"latin-1"`],[``,`)),
        `],[`s`,`"view"`],[``,`: getattr(scope.get(`],[`s`,`"route"`],[``,`), `],[`s`,`"path"`],[``,`, `],[`k`,`None`],[``,`),
        `],[`s`,`"user_id"`],[``,`: scope.get(`],[`s`,`"state"`],[``,`, {}).get(`],[`s`,`"user_id"`],[``,`),  `],[`c`,`# set request.state.user_id at your login
        `],[`s`,`"request_id"`],[``,`: headers.get(`],[`s`,`b"x-request-id"`],[``,`, `],[`s`,`b""`],[``,`).decode(`],[`s`,`"latin-1"`],[``,`) `],[`k`,`or`],[``,` uuid.uuid4().hex,
    }`]]};export{e as t};