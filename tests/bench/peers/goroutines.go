// Go: goroutines on one processor, the same work as programs/loop.c.
//
//	goroutines NAME [SAMPLES]
//
// SPDX-License-Identifier: MIT
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"
)

const many = 100_000

// Runs body(0) to body(n-1) side by side.
func gather(n int, body func(i int)) {
	var all sync.WaitGroup
	all.Add(n)
	for i := 0; i < n; i++ {
		go func(i int) {
			defer all.Done()
			body(i)
		}(i)
	}
	all.Wait()
}

func takeTurns() float64 {
	const turns = 200_000
	start := time.Now()
	gather(2, func(int) {
		for i := 0; i < turns; i++ {
			runtime.Gosched()
		}
	})
	return float64(time.Since(start).Nanoseconds()) / (2 * turns)
}

func queue() float64 {
	const messages = 200_000
	channel := make(chan int, 1)
	start := time.Now()
	gather(2, func(i int) {
		if i == 0 {
			for n := 0; n < messages; n++ {
				channel <- n
			}
			return
		}
		for n := 0; n < messages; n++ {
			if <-channel != n {
				panic("an item came out of order")
			}
		}
	})
	return float64(time.Since(start).Nanoseconds()) / messages
}

func join() float64 {
	start := time.Now()
	gather(many, func(int) { runtime.Gosched() })
	return float64(time.Since(start).Nanoseconds()) / many
}

func sleeps() float64 {
	start := time.Now()
	gather(many, func(i int) { time.Sleep(time.Duration(i%100+1) * time.Millisecond) })
	return float64(time.Since(start).Nanoseconds()) / 1e6
}

func main() {
	benches := map[string]func() float64{
		"take_turns": takeTurns, "queue": queue, "join": join, "sleeps": sleeps,
	}
	runtime.GOMAXPROCS(1)
	samples := 1
	if len(os.Args) > 2 {
		samples, _ = strconv.Atoi(os.Args[2])
	}
	for i := 0; i < samples; i++ {
		fmt.Printf("%.3f\n", benches[os.Args[1]]())
	}
}
