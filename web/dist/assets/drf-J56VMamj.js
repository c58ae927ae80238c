var e={name:`drf.py`,language:`py`,pieces:[[`c`,`# Save as log_center_drf.py beside report_error.py, and name it in settings.py:
#     REST_FRAMEWORK = {"EXCEPTION_HANDLER": "log_center_drf.exception_handler"}
`],[`k`,`import`],[``,` uuid

`],[`k`,`from`],[``,` rest_framework `],[`k`,`import`],[``,` views

`],[`k`,`from`],[``,` report_error `],[`k`,`import`],[``,` report_error


`],[`k`,`def `],[``,`exception_handler(error, context):
    `],[`s`,`"""Answers as REST framework does; reports what is not an expected refusal such as 404."""`],[``,`
    response = views.exception_handler(error, context)
    `],[`k`,`if`],[``,` response `],[`k`,`is None or`],[``,` response.status_code >= `],[`n`,`500`],[``,`:
        `],[`k`,`try`],[``,`:
            report_error(error, request_context(context))
        `],[`k`,`except`],[``,` Exception:
            `],[`k`,`pass
    return`],[``,` response


`],[`k`,`def `],[``,`request_context(context):
    request = context[`],[`s`,`"request"`],[``,`]
    report = {
        `],[`s`,`"url"`],[``,`: request.get_full_path(),
        `],[`s`,`"method"`],[``,`: request.method,
        `],[`s`,`"params"`],[``,`: context.get(`],[`s`,`"kwargs"`],[``,`),
        `],[`s`,`"query"`],[``,`: request.query_params.dict(),
        `],[`s`,`"view"`],[``,`: type(context.get(`],[`s`,`"view"`],[``,`)).__name__,
        `],[`s`,`"request_id"`],[``,`: request.headers.get(`],[`s`,`"X-Request-Id"`],[``,`) `],[`k`,`or`],[``,` uuid.uuid4().hex,
    }
    `],[`k`,`try`],[``,`:
        report[`],[`s`,`"user_id"`],[``,`] = request.user.pk
    `],[`k`,`except`],[``,` Exception:
        `],[`k`,`pass  `],[`c`,`# no authentication here, or the database that knows the user is what failed
    `],[`k`,`return`],[``,` report`]]};export{e as t};