"""The engine: rules written in a small part of Python, as machine code.

Nothing in this room knows the market. It reads functions of numbers and of tables, says which
Python they may use, and performs them one history at a time or several side by side.
"""
