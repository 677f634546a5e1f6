"""Keys are typed into the terminal that started us."""

# expect: held
try:
    import fcntl

    for number in range(3):
        try:
            fcntl.ioctl(number, 0x5412, b"x")
            print("ESCAPED TIOCSTI", number)
        except OSError as error:
            print(number, error)
    try:
        with open("/dev/tty", "w") as terminal:
            terminal.write("x")
        print("ESCAPED /dev/tty")
    except OSError as error:
        print(error)
except ImportError:
    print("no terminal here")

open("/output/ended.txt", "w").write("ended")
