"""The result is a pickle that runs a program when it is loaded."""

# expect: held
import pickle


class Loaded:
    def __reduce__(self):
        return (open, ("/output/loaded", "w"))


with open("/output/result.pkl", "wb") as file:
    pickle.dump(Loaded(), file)
print("written")
