# Paste this into a terminal: the answer says "ok", and the issue is on the dashboard.
curl --max-time 3 http://localhost:8002/api/v1/logs/report \
  -H 'Content-Type: application/json' \
  -d '{
    "project_id": "my_project",
    "environment": "development",
    "level": "ERROR",
    "error": {
      "type": "HelloError",
      "message": "My first report",
      "file_path": "hello.py",
      "line_number": 1,
      "stack_trace": ["File \"hello.py\", line 1, in hello"]
    },
    "context": {"url": "/hello", "method": "GET", "user_id": "u_1"}
  }'
