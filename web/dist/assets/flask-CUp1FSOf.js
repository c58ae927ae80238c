var e={name:`flask.py`,language:`py`,pieces:[[`c`,`# Save as log_center_flask.py beside report_error.py, and call it where the application is made:
#     init_log_center(app)
`],[`k`,`import`],[``,` uuid

`],[`k`,`from`],[``,` flask `],[`k`,`import`],[``,` got_request_exception, request, session

`],[`k`,`from`],[``,` report_error `],[`k`,`import`],[``,` report_error


`],[`k`,`def `],[``,`init_log_center(app):
    got_request_exception.connect(report_exception, app)


`],[`k`,`def `],[``,`report_exception(sender, exception, **_):
    `],[`s`,`"""Flask sends this for what becomes a 500, not for abort(404); its answer stays as it is."""
    `],[`k`,`try`],[``,`:
        report_error(exception, {
            `],[`s`,`"url"`],[``,`: request.full_path.rstrip(`],[`s`,`"?"`],[``,`),
            `],[`s`,`"method"`],[``,`: request.method,
            `],[`s`,`"params"`],[``,`: request.view_args,
            `],[`s`,`"query"`],[``,`: request.args.to_dict(),
            `],[`s`,`"view"`],[``,`: request.endpoint,
            `],[`s`,`"user_id"`],[``,`: session.get(`],[`s`,`"user_id"`],[``,`),
            `],[`s`,`"request_id"`],[``,`: request.headers.get(`],[`s`,`"X-Request-Id"`],[``,`) `],[`k`,`or`],[``,` uuid.uuid4().hex,
        })
    `],[`k`,`except`],[``,` Exception:
        `],[`k`,`pass`]]};export{e as t};