package main

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

// load publishes vitals for many beds and waits for every acknowledgement.
type load struct {
	broker, user, password string
	first, beds            int // beds first to first+beds-1
	perBed, conns          int
	rate                   float64                        // messages a second in all; 0: as fast as acknowledgements allow
	time                   func(i int) time.Time          // of a bed's i-th message; nil: now
	vitals                 string                         // instead of the usual ones
	extra                  string                         // more JSON fields, beginning with a comma
	sent                   func(bed string, at time.Time) // just before each publish; may be nil
}

const window = 64 // unacknowledged messages a connection

func (l load) run() (sent int64, took time.Duration, err error) {
	var count, failed atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	boot := fmt.Sprintf("%x", start.UnixNano())
	for c := range l.conns {
		wg.Go(func() {
			if e := l.connection(c, boot, start, &count, &failed); e != nil {
				failed.Add(1)
				fmt.Fprintln(os.Stderr, e)
			}
		})
	}
	wg.Wait()
	if n := failed.Load(); n > 0 {
		err = fmt.Errorf("%d publishes failed", n)
	}
	return count.Load(), time.Since(start), err
}

func (l load) connection(c int, boot string, start time.Time, count, failed *atomic.Int64) error {
	o := mqtt.NewClientOptions().AddBroker(l.broker).SetClientID(fmt.Sprintf("load-%s-%d", boot, c)).SetOrderMatters(false)
	if l.user != "" {
		o.SetUsername(l.user).SetPassword(l.password)
	}
	client := mqtt.NewClient(o)
	if t := client.Connect(); t.Wait() && t.Error() != nil {
		return t.Error()
	}
	defer client.Disconnect(500)
	tokens := make(chan mqtt.Token, window)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for t := range tokens {
			if t.Wait(); t.Error() != nil {
				failed.Add(1)
			}
		}
	}()
	for i := range l.perBed {
		for b := l.first + c; b < l.first+l.beds; b += l.conns {
			l.pace(start, count)
			at := time.Now()
			if l.time != nil {
				at = l.time(i)
			}
			vitals := l.vitals
			if vitals == "" {
				vitals = fmt.Sprintf(`"hr":%d,"rr":18,"spo2":%d,"sbp":121,"temp":36.8,"fio2":0.21`, 60+(i+b)%60, 90+(i+b)%10)
			}
			payload := fmt.Sprintf(`{"device":"mon-%s","boot":"%s","seq":%d,"time":%d,"vitals":{%s},"consciousness":"A"%s}`, bed(b), boot, i+1, at.UnixMilli(), vitals, l.extra)
			if l.sent != nil {
				l.sent(bed(b), at)
			}
			tokens <- client.Publish("ward/v1/W1/"+bed(b)+"/vitals", 1, false, payload)
			count.Add(1)
		}
	}
	close(tokens)
	<-done
	return nil
}

func (l load) pace(start time.Time, count *atomic.Int64) {
	if l.rate <= 0 {
		return
	}
	due := start.Add(time.Duration(float64(count.Load()) / l.rate * float64(time.Second)))
	if d := time.Until(due); d > 0 {
		time.Sleep(d)
	}
}

// beFloor subscribes at QoS 1 and only counts: the least that a paho consumer can cost.
func beFloor(broker string, want int64) {
	var n atomic.Int64
	o := mqtt.NewClientOptions().AddBroker(broker).SetClientID("floor").SetCleanSession(true)
	c := mqtt.NewClient(o)
	if t := c.Connect(); t.Wait() && t.Error() != nil {
		panic(t.Error())
	}
	c.Subscribe("ward/v1/#", 1, func(mqtt.Client, mqtt.Message) { n.Add(1) }).Wait()
	fmt.Println("ready")
	for n.Load() < want {
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Println("counted")
	select {} // its CPU is read from outside
}
