"""A receiver on python3-hl7's own asyncio server: prints its port, then answers each message with its create_ack."""

import asyncio

import hl7.mllp


async def answer(reader, writer):
    try:
        while not writer.is_closing():
            message = await reader.readmessage()
            print(message["MSH.F10.R1"], flush=True)
            writer.writemessage(message.create_ack())
            await writer.drain()
    except asyncio.IncompleteReadError:
        pass
    finally:
        writer.close()


async def main():
    server = await hl7.mllp.start_hl7_server(answer, host="127.0.0.1", port=0, encoding="latin-1", limit=32 * 1024 * 1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


asyncio.run(main())
