print("Response Received:\nSource: 8.8.8.8\nEcho reply received from 8.8.8.8")
