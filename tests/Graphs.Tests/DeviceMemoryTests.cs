namespace LmmRec.Graphs.Tests;

/// <summary>Copies into a device's memory, out of it and within it: by the processor's session, and on a card or in CUDA's place (tests/cuda-stand-in/run.sh).</summary>
public sealed class DeviceMemoryTests
{
    private const int Long = (1 << 22) + 5; // floats: more than are copied at once

    [Theory]
    [InlineData("cpu")]
    [InlineData("cuda")]
    public void What_is_written_comes_back_whatever_its_type_and_length(string device)
    {
        using var memory = Open(device);
        foreach (var data in new[] { TensorData.Of([.. Enumerable.Range(0, Long).Select(i => (float)i)]), TensorData.Of([1L, -2, 3], 3, 1), TensorData.Of([true, false, true]), TensorData.Scalar(0.5) })
        {
            using var tensor = memory.Hold(data);
            var read = tensor.Read();
            Assert.Equal((Place.Device, data.Type), (tensor.Place, read.Type));
            Assert.Equal(data.Shape, read.Shape);
            Assert.Equal(data.Values, read.Values);
        }
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("cuda")]
    public void A_part_is_written_and_read_without_the_rest(string device)
    {
        using var memory = Open(device);
        using var tensor = memory.Hold(TensorData.Of([0f, 1, 2, 3, 4, 5], 3, 2));
        var row = new byte[2 * sizeof(float)];
        tensor.CopyOut(row.Length, row);
        Assert.Equal([2f, 3f], System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(row).ToArray());
        tensor.CopyIn(2 * row.Length, row);
        Assert.Equal([0f, 1, 2, 3, 2, 3], tensor.Read().As<float>());
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("cuda")]
    public void A_tensor_longer_than_the_block_of_zeros_becomes_zero_to_its_end(string device)
    {
        using var memory = Open(device);
        using var tensor = memory.Hold(TensorData.Of([.. Enumerable.Repeat(1f, Long)]));
        tensor.Clear();
        Assert.DoesNotContain(tensor.Read().As<float>(), value => value != 0);
    }

    private static DeviceMemory Open(string device)
    {
        try
        {
            return new DeviceMemory(new RuntimeOptions { Device = device });
        }
        catch (DeviceUnavailableException e)
        {
            Assert.Skip(e.Message);
            throw;
        }
    }
}
