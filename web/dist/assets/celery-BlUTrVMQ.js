var e={name:`celery.py`,language:`py`,pieces:[[`c`,`# Save as log_center_celery.py beside report_error.py, and import it where your Celery app is made:
#     import log_center_celery
`],[`k`,`from`],[``,` celery.signals `],[`k`,`import`],[``,` task_failure

`],[`k`,`from`],[``,` report_error `],[`k`,`import`],[``,` report_error


@task_failure.connect
`],[`k`,`def `],[``,`report_failure(sender=`],[`k`,`None`],[``,`, task_id=`],[`k`,`None`],[``,`, exception=`],[`k`,`None`],[``,`, args=`],[`k`,`None`],[``,`, kwargs=`],[`k`,`None`],[``,`, **_):
    `],[`s`,`"""Celery sends this once, after the last retry, when the result is already stored."""`],[``,`
    report_error(
        exception,
        {
            `],[`s`,`"method"`],[``,`: `],[`s`,`"TASK"`],[``,`,
            `],[`s`,`"url"`],[``,`: getattr(sender, `],[`s`,`"name"`],[``,`, `],[`k`,`None`],[``,`),
            `],[`s`,`"params"`],[``,`: {`],[`s`,`"args"`],[``,`: args, `],[`s`,`"kwargs"`],[``,`: kwargs},
            `],[`s`,`"request_id"`],[``,`: task_id,
        },
        wait=`],[`k`,`True`],[``,`,  `],[`c`,`# on purpose: nobody waits for the answer, and the worker may end right here
    `],[``,`)`]]};export{e as t};