var e={name:`client-python.py`,language:`py`,pieces:[[`c`,`# pip install ./clients/python of Log Center's repository, and this where the program starts:
`],[`k`,`import`],[``,` log_center

log_center.init(url=`],[`s`,`"http://localhost:8002"`],[``,`, project=`],[`s`,`"my_project"`],[``,`, environment=`],[`s`,`"production"`],[``,`)

`],[`c`,`# From here on what nobody catches is reported. What you catch, you report yourself:
`],[`k`,`try`],[``,`:
    `],[`n`,`1 `],[``,`/ `],[`n`,`0
`],[`k`,`except`],[``,` ZeroDivisionError `],[`k`,`as`],[``,` error:
    log_center.report_error(error, {`],[`s`,`"order"`],[``,`: `],[`n`,`17`],[``,`})`]]};export{e as t};