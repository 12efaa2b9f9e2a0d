namespace LmmRec.Remotes.Tests;

/// <summary>A remote of which one file has other bytes each time that it is read.</summary>
internal sealed class ChangingRemote(IRemote remote, string changing) : IRemote
{
    private int _reads;

    public string Address => remote.Address;

    public IAsyncEnumerable<RemoteFile> ListAsync(string folder, CancellationToken cancellation) => remote.ListAsync(folder, cancellation);

    public Task<Stream?> ReadAsync(string name, long from, CancellationToken cancellation) =>
        name == changing ? Task.FromResult<Stream?>(new MemoryStream(Workspace.Bytes(1000 + ++_reads, 400_000))) : remote.ReadAsync(name, from, cancellation);

    public Task WriteAsync(string name, OutgoingFile file, Action<long> sent, CancellationToken cancellation) => remote.WriteAsync(name, file, sent, cancellation);

    public Task DeleteAsync(string name, CancellationToken cancellation) => remote.DeleteAsync(name, cancellation);

    public string? Explain(Exception exception) => remote.Explain(exception);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
