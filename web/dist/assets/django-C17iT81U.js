var e={name:`django.py`,language:`py`,pieces:[[`c`,`# Save as log_center_django.py beside report_error.py, and import it at the top of urls.py:
#     import log_center_django
`],[`k`,`import`],[``,` sys
`],[`k`,`import`],[``,` uuid

`],[`k`,`from`],[``,` django.core.signals `],[`k`,`import`],[``,` got_request_exception
`],[`k`,`from`],[``,` django.dispatch `],[`k`,`import`],[``,` receiver

`],[`k`,`from`],[``,` report_error `],[`k`,`import`],[``,` report_error


@receiver(got_request_exception)
`],[`k`,`def `],[``,`report_exception(request=`],[`k`,`None`],[``,`, **_):
    `],[`s`,`"""Django sends this for what becomes a 500, not for 404, 403 or 400."""
    `],[`c`,`# An exception raised in a receiver would replace the application's own error page.
    `],[`k`,`try`],[``,`:
        report_error(sys.exc_info()[`],[`n`,`1`],[``,`], request_context(request))
    `],[`k`,`except`],[``,` Exception:
        `],[`k`,`pass


def `],[``,`request_context(request):
    context = {
        `],[`s`,`"url"`],[``,`: request.get_full_path(),
        `],[`s`,`"method"`],[``,`: request.method,
        `],[`s`,`"params"`],[``,`: request.resolver_match.kwargs `],[`k`,`if`],[``,` request.resolver_match `],[`k`,`else `],[``,`{},
        `],[`s`,`"query"`],[``,`: request.GET.dict(),
        `],[`s`,`"request_id"`],[``,`: request.headers.get(`],[`s`,`"X-Request-Id"`],[``,`) `],[`k`,`or`],[``,` uuid.uuid4().hex,
    }
    `],[`k`,`try`],[``,`:
        context[`],[`s`,`"user_id"`],[``,`] = request.user.pk
    `],[`k`,`except`],[``,` Exception:
        `],[`k`,`pass  `],[`c`,`# no authentication here, or the database that knows the user is what failed
    `],[`k`,`return`],[``,` context`]]};export{e as t};