var e={name:`report_error.py`,language:`py`,pieces:[[`c`,`# Save as report_error.py beside your code (pip install requests). In a script:
#     sys.excepthook = report_and_print
`],[`k`,`import`],[``,` json
`],[`k`,`import`],[``,` math
`],[`k`,`import`],[``,` os
`],[`k`,`import`],[``,` sys
`],[`k`,`import`],[``,` sysconfig
`],[`k`,`import`],[``,` threading
`],[`k`,`import`],[``,` traceback

`],[`k`,`import`],[``,` requests

LOG_CENTER_URL = os.environ.get(`],[`s`,`"LOG_CENTER_URL"`],[``,`, `],[`s`,`"http://localhost:8002"`],[``,`)
PROJECT = `],[`s`,`"my_project"`],[``,`
LIBRARIES = (sysconfig.get_path(`],[`s`,`"stdlib"`],[``,`), sysconfig.get_path(`],[`s`,`"purelib"`],[``,`), `],[`s`,`"<"`],[``,`)

_slots = threading.BoundedSemaphore(`],[`n`,`20`],[``,`)  `],[`c`,`# more than this many at once are dropped


`],[`k`,`def `],[``,`report_error(error, context=`],[`k`,`None`],[``,`, level=`],[`s`,`"ERROR"`],[``,`, wait=`],[`k`,`False`],[``,`):
    `],[`s`,`"""Reports an exception in the background; never raises one, never reports one twice."""
    `],[`k`,`try`],[``,`:
        `],[`k`,`if `],[``,`getattr(error, `],[`s`,`"_reported"`],[``,`, `],[`k`,`False`],[``,`):
            `],[`k`,`return`],[``,`
        error._reported = `],[`k`,`True`],[``,`
        file_path, line_number = _place(error)
        body = json.dumps({
            `],[`s`,`"project_id"`],[``,`: PROJECT,
            `],[`s`,`"environment"`],[``,`: os.environ.get(`],[`s`,`"ENVIRONMENT"`],[``,`, `],[`s`,`"development"`],[``,`),
            `],[`s`,`"version"`],[``,`: os.environ.get(`],[`s`,`"APP_VERSION"`],[``,`),
            `],[`s`,`"level"`],[``,`: level,
            `],[`s`,`"error"`],[``,`: {
                `],[`s`,`"type"`],[``,`: type(error).__name__,
                `],[`s`,`"message"`],[``,`: _text(error),
                `],[`s`,`"file_path"`],[``,`: file_path,
                `],[`s`,`"line_number"`],[``,`: line_number,
                `],[`s`,`"stack_trace"`],[``,`: traceback.format_exception(error),
            },
            `],[`s`,`"context"`],[``,`: _plain(context `],[`k`,`or `],[``,`{}),
        })
        `],[`k`,`if`],[``,` _slots.acquire(blocking=`],[`k`,`False`],[``,`):
            thread = threading.Thread(target=_send, args=[body], name=`],[`s`,`"log-center"`],[``,`)
            `],[`k`,`try`],[``,`:
                thread.start()  `],[`c`,`# not a daemon: the end of the program waits for it
                `],[`k`,`if`],[``,` wait:
                    thread.join()
            `],[`k`,`except`],[``,` RuntimeError:  `],[`c`,`# no more threads, as while Python ends`],[``,`
                _send(body)
    `],[`k`,`except`],[``,` Exception:
        `],[`k`,`pass  `],[`c`,`# the application comes first


`],[`k`,`def `],[``,`report_and_print(kind, error, trace):
    `],[`s`,`"""For sys.excepthook: reports what ends the program, then prints it as always."""
    `],[`k`,`if `],[``,`isinstance(error, Exception):
        report_error(error, level=`],[`s`,`"CRITICAL"`],[``,`)
    sys.__excepthook__(kind, error, trace)


`],[`k`,`def `],[``,`_send(body):
    `],[`k`,`try`],[``,`:
        requests.post(LOG_CENTER_URL + `],[`s`,`"/api/v1/logs/report"`],[``,`, data=body, timeout=`],[`n`,`3`],[``,`)
    `],[`k`,`except`],[``,` Exception:
        `],[`k`,`pass
    finally`],[``,`:
        _slots.release()


`],[`k`,`def `],[``,`_place(error):
    `],[`s`,`"""The innermost frame of your own code; its path is the same on every machine."""`],[``,`
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame `],[`k`,`for`],[``,` frame `],[`k`,`in`],[``,` frames `],[`k`,`if not`],[``,` _is_library(frame.filename)]
    `],[`k`,`if not`],[``,` frames:
        `],[`k`,`return `],[`s`,`"unknown"`],[``,`, `],[`n`,`0`],[``,`
    last = (own `],[`k`,`or`],[``,` frames)[-`],[`n`,`1`],[``,`]
    roots = [path + os.sep `],[`k`,`for`],[``,` path `],[`k`,`in`],[``,` sys.path `],[`k`,`if`],[``,` last.filename.startswith(path + os.sep)]
    `],[`k`,`return`],[``,` last.filename[len(max(roots, key=len, default=`],[`s`,`""`],[``,`)):], last.lineno `],[`k`,`or `],[`n`,`0


`],[`k`,`def `],[``,`_is_library(path):
    `],[`k`,`return`],[``,` path.startswith(LIBRARIES) `],[`k`,`or`],[``,` os.path.basename(path).startswith(`],[`s`,`"log_center_"`],[``,`)


`],[`k`,`def `],[``,`_plain(value, depth=`],[`n`,`5`],[``,`):
    `],[`s`,`"""The value as JSON can hold it: foreign types as text, circles cut by the depth."""
    `],[`k`,`if`],[``,` value `],[`k`,`is None or `],[``,`isinstance(value, (bool, int)):
        `],[`k`,`return`],[``,` value
    `],[`k`,`if `],[``,`isinstance(value, float) `],[`k`,`and`],[``,` math.isfinite(value):
        `],[`k`,`return`],[``,` value
    `],[`k`,`if`],[``,` depth `],[`k`,`and `],[``,`isinstance(value, dict):
        `],[`k`,`return `],[``,`{_text(key): _plain(inner, depth - `],[`n`,`1`],[``,`) `],[`k`,`for`],[``,` key, inner `],[`k`,`in `],[``,`list(value.items())[:`],[`n`,`100`],[``,`]}
    `],[`k`,`if`],[``,` depth `],[`k`,`and `],[``,`isinstance(value, (list, tuple, set)):
        `],[`k`,`return `],[``,`[_plain(inner, depth - `],[`n`,`1`],[``,`) `],[`k`,`for`],[``,` inner `],[`k`,`in `],[``,`list(value)[:`],[`n`,`100`],[``,`]]
    `],[`k`,`return`],[``,` _text(value)


`],[`k`,`def `],[``,`_text(value):
    `],[`k`,`try`],[``,`:
        `],[`k`,`return `],[``,`str(value)[:`],[`n`,`8000`],[``,`]
    `],[`k`,`except`],[``,` Exception:
        `],[`k`,`return `],[`s`,`f"<`],[``,`{type(value).__name__}`],[`s`,`>"`]]};export{e as t};