print('HTTP/1.1 200 OK\nContent-Type: application/json\n\n{"args": {}, "url": "http://httpbin.org/get"}')
