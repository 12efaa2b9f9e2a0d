namespace LmmRec.Remotes.Tests;

public sealed class DirectoryRemoteTests : RemoteContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    protected override IRemote Open() => Remote.Open(_folder.PathOf("handoff"));

    public void Dispose() => _folder.Dispose();
}
