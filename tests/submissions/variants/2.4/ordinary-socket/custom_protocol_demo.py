import socket, struct, threading, time
s=socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1",12345)); s.settimeout(.5)
def rx():
    end=time.time()+9
    while time.time()<end:
        try: d,(h,p)=s.recvfrom(65535)
        except TimeoutError: continue
        if len(d)<4: print("runt"); continue
        v,t,l=struct.unpack("!BBH",d[:4])
        print(f"{h}:{p} v{v} t{t} l{l} {d[4:]!r} fits={l==len(d)-4}")
        print(f"version={v} type={t} length={l}")
th=threading.Thread(target=rx); th.start(); time.sleep(2)
d=b"This is my custom data"
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(struct.pack("!BBH",2,1,len(d))+d,("127.0.0.1",12345)); th.join()
